// A GPU as a back end: weights, moments and gradient live there; rows go in, losses come out.
#include "backEnd.h"

#include <algorithm>
#include <cmath>

#include "model.h"

namespace starter {
namespace {

class Graphics : public BackEnd {
 public:
  Graphics(const Shape& shape, const Layout& layout)
      : layout_(layout), model_(shape, layout), weights_(layout.count), first_(layout.count), second_(layout.count),
        gradient_(layout.count), halves_(layout.count), sum_(1) {
    size_t largest = 0, side = 0;
    for (const MatrixPart& part : layout.matrices) {
      largest = std::max(largest, static_cast<size_t>(part.outputs) * part.inputs);
      side = std::max(side, static_cast<size_t>(std::min(part.outputs, part.inputs)));
    }
    for (auto* array : {&direction_, &change_}) array->resize(largest);
    for (auto* array : {&square_, &fourth_}) array->resize(side * side);
    half_.resize(largest);
    squareHalf_.resize(side * side);
    addRanges(shape);
  }

  void writeState(const State& state) override {
    weights_.upload(state.weights.data(), state.weights.size());
    first_.upload(state.first.data(), state.first.size());
    second_.upload(state.second.data(), state.second.size());
    toHalves(weights_.data(), halves_.data(), layout_.count);
  }

  void readState(State& state) override {
    weights_.download(state.weights.data());
    first_.download(state.first.data());
    second_.download(state.second.data());
  }

  void readGradient(std::vector<float>& gradient) override {
    gradient.resize(layout_.count);
    gradient_.download(gradient.data());
  }

  Losses computeGradient(const std::vector<Row>& rows, float scale) override {
    gradient_.zero();
    Losses losses;
    for (size_t at = 0; at < rows.size(); at += DeviceModel::mostRows) {
      const int count = static_cast<int>(std::min<size_t>(DeviceModel::mostRows, rows.size() - at));
      losses.add(model_.trainOn(&rows[at], count, weights_.data(), halves_.data(), scale, gradient_.data()));
    }
    return losses;
  }

  void update(Rates rates, int64_t step) override {
    for (const MatrixPart& part : layout_.matrices) updateMatrix(part, rates.muon);
    const float correction1 = 1 - std::pow(0.9f, static_cast<float>(step)), correction2 = 1 - std::pow(0.95f, static_cast<float>(step));
    for (const auto& [from, to] : ranges_) {
      applyAdam(gradient_.data() + from, weights_.data() + from, first_.data() + from, second_.data() + from, to - from, rates.adam,
                correction1, correction2);
    }
    toHalves(weights_.data(), halves_.data(), layout_.count);
    check(cudaGetLastError());
  }

 private:
  // Everything that is not a matrix.
  void addRanges(const Shape& shape) {
    const size_t width = shape.width;
    ranges_.push_back({0, static_cast<size_t>(shape.vocabulary) * width});
    for (const LayerOffsets& layer : layout_.layers) {
      ranges_.push_back({layer.attentionNorm, layer.attentionNorm + width});
      ranges_.push_back({layer.feedForwardNorm, layer.feedForwardNorm + width});
    }
    ranges_.push_back({layout_.lastNorm, layout_.lastNorm + width});
  }

  void updateMatrix(const MatrixPart& part, float rate) {
    constexpr float decay = 0.01f;
    const bool flip = part.outputs > part.inputs;
    momentum(gradient_.data() + part.offset, first_.data() + part.offset, direction_.data(), part.outputs, part.inputs, flip);
    orthogonalize(std::min(part.outputs, part.inputs), std::max(part.outputs, part.inputs));
    const float step = rate * std::sqrt(std::max(1.0f, static_cast<float>(part.outputs) / part.inputs));
    applyMuon(direction_.data(), weights_.data() + part.offset, part.outputs, part.inputs, flip, step, rate * decay);
  }

  // Newton-Schulz iterations on `direction_` [rows][columns], rows <= columns.
  void orthogonalize(int rows, int columns) {
    const size_t count = static_cast<size_t>(rows) * columns, squares = static_cast<size_t>(rows) * rows;
    sumOfSquares(direction_.data(), count, sum_.data());
    normalize(direction_.data(), count, sum_.data());
    for (int iteration = 0; iteration < 5; iteration++) {
      toHalves(direction_.data(), half_.data(), count);
      gemm_.toFloats(rows, rows, columns, {half_.data(), columns}, {half_.data(), columns, true}, square_.data(), rows);
      toHalves(square_.data(), squareHalf_.data(), squares);
      gemm_.toFloats(rows, rows, rows, {squareHalf_.data(), rows}, {squareHalf_.data(), rows}, fourth_.data(), rows);
      polynomial(square_.data(), fourth_.data(), squareHalf_.data(), squares);
      gemm_.toFloats(rows, columns, rows, {squareHalf_.data(), rows}, {half_.data(), columns}, change_.data(), columns);
      combine(direction_.data(), change_.data(), count);
    }
  }

  const Layout& layout_;
  DeviceModel model_;
  Gemm gemm_;
  DeviceArray<float> weights_, first_, second_, gradient_, direction_, change_, square_, fourth_;
  DeviceArray<bf16> halves_, half_, squareHalf_;
  DeviceArray<double> sum_;
  std::vector<std::pair<size_t, size_t>> ranges_;
};

}  // namespace

std::unique_ptr<BackEnd> makeBackEnd(const Shape& shape, const Layout& layout, int) {
  return std::make_unique<Graphics>(shape, layout);
}

}  // namespace starter
