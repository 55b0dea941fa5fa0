#include "optimizer.h"

#include <algorithm>
#include <cmath>

namespace starter {
namespace {

// Coefficients of the quintic Newton-Schulz iteration as published with Muon.
constexpr float cubicA = 3.4445f, cubicB = -4.7750f, cubicC = 2.0315f;

// Replaces `matrix` [rows][columns], rows <= columns, by a nearly orthogonal matrix with the same singular vectors.
void orthogonalize(Gemm& gemm, std::vector<float>& matrix, int rows, int columns) {
  double squares = 0;
  for (float value : matrix) squares += static_cast<double>(value) * value;
  const float scale = 1.0f / (static_cast<float>(std::sqrt(squares)) + 1e-7f);
  for (float& value : matrix) value *= scale;
  std::vector<bf16> half(matrix.size()), squareHalf(static_cast<size_t>(rows) * rows);
  std::vector<float> square(squareHalf.size()), fourth(squareHalf.size()), change(matrix.size());
  for (int iteration = 0; iteration < 5; iteration++) {
    std::transform(matrix.begin(), matrix.end(), half.begin(), toBf16);
    gemm.toFloats(rows, rows, columns, {half.data(), columns}, {half.data(), columns, true}, square.data(), rows);
    std::transform(square.begin(), square.end(), squareHalf.begin(), toBf16);
    gemm.toFloats(rows, rows, rows, {squareHalf.data(), rows}, {squareHalf.data(), rows}, fourth.data(), rows);
    for (size_t index = 0; index < square.size(); index++) {
      squareHalf[index] = toBf16(cubicB * square[index] + cubicC * fourth[index]);
    }
    gemm.toFloats(rows, columns, rows, {squareHalf.data(), rows}, {half.data(), columns}, change.data(), columns);
    for (size_t index = 0; index < matrix.size(); index++) matrix[index] = cubicA * matrix[index] + change[index];
  }
}

}  // namespace

Optimizer::Optimizer(const Shape& shape, const Layout& layout) : layout_(layout) {
  const size_t width = shape.width;
  ranges_.push_back({0, static_cast<size_t>(shape.vocabulary) * width});
  for (const auto& layer : layout.layers) {
    ranges_.push_back({layer.attentionNorm, layer.attentionNorm + width});
    ranges_.push_back({layer.feedForwardNorm, layer.feedForwardNorm + width});
  }
  ranges_.push_back({layout.lastNorm, layout.lastNorm + width});
}

void Optimizer::updateMatrix(size_t index, Gemm& gemm, const float* gradient, State& state, float rate) const {
  auto& [weights, first, second] = state;
  constexpr float momentum = 0.95f, decay = 0.01f;
  const MatrixPart& part = layout_.matrices[index];
  const bool flip = part.outputs > part.inputs;
  const int rows = flip ? part.inputs : part.outputs, columns = flip ? part.outputs : part.inputs;
  std::vector<float> direction(static_cast<size_t>(rows) * columns);
  for (int output = 0; output < part.outputs; output++) {
    for (int input = 0; input < part.inputs; input++) {
      const size_t at = part.offset + static_cast<size_t>(output) * part.inputs + input;
      first[at] = momentum * first[at] + (1 - momentum) * gradient[at];
      const float value = momentum * first[at] + (1 - momentum) * gradient[at];
      direction[flip ? static_cast<size_t>(input) * columns + output : static_cast<size_t>(output) * columns + input] = value;
    }
  }
  orthogonalize(gemm, direction, rows, columns);
  const float step = rate * std::sqrt(std::max(1.0f, static_cast<float>(part.outputs) / part.inputs));
  for (int output = 0; output < part.outputs; output++) {
    for (int input = 0; input < part.inputs; input++) {
      const size_t at = part.offset + static_cast<size_t>(output) * part.inputs + input;
      const float value = direction[flip ? static_cast<size_t>(input) * columns + output : static_cast<size_t>(output) * columns + input];
      weights[at] -= step * value + rate * decay * weights[at];
    }
  }
}

void Optimizer::updateRange(size_t from, size_t to, const float* gradient, State& state, float rate, int64_t step) const {
  auto& [weights, first, second] = state;
  constexpr float beta1 = 0.9f, beta2 = 0.95f, epsilon = 1e-10f;
  const float correction1 = 1 - std::pow(beta1, static_cast<float>(step));
  const float correction2 = 1 - std::pow(beta2, static_cast<float>(step));
  for (size_t index = from; index < to; index++) {
    const float slope = gradient[index];
    first[index] = beta1 * first[index] + (1 - beta1) * slope;
    second[index] = beta2 * second[index] + (1 - beta2) * slope * slope;
    weights[index] -= rate * (first[index] / correction1) / (std::sqrt(second[index] / correction2) + epsilon);
  }
}

}  // namespace starter
