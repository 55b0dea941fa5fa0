#include "model.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace starter {
namespace {

constexpr int queryBlock = 128;
constexpr int headChunk = 256;

void toHalves(const float* input, bf16* output, size_t count) {
  for (size_t index = 0; index < count; index++) output[index] = toBf16(input[index]);
}

}  // namespace

Worker::Worker(const Shape& shape, const Layout& layout) : gradient(layout.count), shape_(shape), layout_(layout) {
  const size_t rows = shape.context, width = shape.width, head = shape.headLength(), hidden = shape.feedForward;
  states_.resize(shape.layers);
  for (auto& state : states_) {
    for (auto* buffer : {&state.attentionInput, &state.feedForwardInput}) buffer->resize(rows * width);
    for (auto* buffer : {&state.attentionScale, &state.feedForwardScale}) buffer->resize(rows);
    for (auto* buffer : {&state.attentionNormed, &state.query, &state.attended, &state.feedForwardNormed}) buffer->resize(rows * width);
    for (auto* buffer : {&state.key, &state.value}) buffer->resize(rows * head);
    state.gateUp.resize(rows * hidden * 2);
    state.activated.resize(rows * hidden);
    state.probabilities.resize(rows / queryBlock);
    for (auto& block : state.probabilities) block.resize(static_cast<size_t>(queryBlock) * shape.heads * rows);
  }
  for (auto* buffer : {&stream_, &streamGradient_, &lastInput_, &queryGradient_}) buffer->resize(rows * width);
  for (auto* buffer : {&keyGradient_, &valueGradient_}) buffer->resize(rows * head);
  lastScale_.resize(rows);
  logits_.resize(static_cast<size_t>(headChunk) * shape.vocabulary);
  logitGradient_.resize(logits_.size());
  scores_.resize(static_cast<size_t>(queryBlock) * shape.heads * rows);
  scoreGradient_.resize(scores_.size());
  wide_.resize(rows * std::max(hidden * 2, width));
  hidden_.resize(rows * hidden * 2);
  for (auto* buffer : {&normed_, &half_, &attendedGradient_}) buffer->resize(rows * width);
  qkv_.resize(rows * shape.qkvWidth());
  cosines_.resize(rows * head / 2);
  sines_.resize(rows * head / 2);
  for (size_t position = 0; position < rows; position++) {
    for (size_t pair = 0; pair < head / 2; pair++) {
      const double angle = position * std::pow(shape.ropeBase, -2.0 * pair / head);
      cosines_[position * head / 2 + pair] = std::cos(angle);
      sines_[position * head / 2 + pair] = std::sin(angle);
    }
  }
}

Losses Worker::trainOn(const Row& row, const float* weights, const bf16* halves, float scale) {
  embed(row, weights);
  for (int layer = 0; layer < shape_.layers; layer++) layerForward(layer, row, weights, halves);
  const Losses losses = headForwardBackward(row, weights, halves, scale);
  for (int layer = shape_.layers - 1; layer >= 0; layer--) layerBackward(layer, row, weights, halves);
  const int width = shape_.width;
  for (int position = 0; position < shape_.context; position++) {
    float* target = &gradient[layout_.embedding + static_cast<size_t>(row.inputs[position]) * width];
    const float* source = &streamGradient_[static_cast<size_t>(position) * width];
    for (int column = 0; column < width; column++) target[column] += source[column];
  }
  return losses;
}

void Worker::embed(const Row& row, const float* weights) {
  const size_t width = shape_.width;
  for (int position = 0; position < shape_.context; position++) {
    std::memcpy(&stream_[position * width], weights + layout_.embedding + row.inputs[position] * width, width * sizeof(float));
  }
}

void Worker::normForward(const float* input, const float* gain, float* scales, bf16* output) {
  const int width = shape_.width;
  for (int position = 0; position < shape_.context; position++) {
    const float* from = input + static_cast<size_t>(position) * width;
    bf16* to = output + static_cast<size_t>(position) * width;
    float sum = 0;
    for (int column = 0; column < width; column++) sum += from[column] * from[column];
    const float scale = 1.0f / std::sqrt(sum / width + shape_.normEpsilon);
    scales[position] = scale;
    for (int column = 0; column < width; column++) to[column] = toBf16(from[column] * scale * gain[column]);
  }
}

// Adds the gradient through a norm to the residual stream's gradient.
void Worker::normBackward(const float* input, const float* gain, const float* scales, const float* outputGradient,
                          float* gainGradient) {
  const int width = shape_.width;
  for (int position = 0; position < shape_.context; position++) {
    const size_t at = static_cast<size_t>(position) * width;
    const float *from = input + at, *incoming = outputGradient + at;
    float* outgoing = &streamGradient_[at];
    const float scale = scales[position];
    float dot = 0;
    for (int column = 0; column < width; column++) {
      dot += incoming[column] * gain[column] * from[column];
      gainGradient[column] += incoming[column] * from[column] * scale;
    }
    const float correction = dot * scale * scale * scale / width;
    for (int column = 0; column < width; column++) {
      outgoing[column] += incoming[column] * gain[column] * scale - from[column] * correction;
    }
  }
}

void Worker::layerForward(int layer, const Row& row, const float* weights, const bf16* halves) {
  LayerState& state = states_[layer];
  const LayerOffsets& at = layout_.layers[layer];
  const int rows = shape_.context, width = shape_.width, hidden = shape_.feedForward;
  state.attentionInput = stream_;
  normForward(stream_.data(), weights + at.attentionNorm, state.attentionScale.data(), state.attentionNormed.data());
  gemm_.toBf16s(rows, shape_.qkvWidth(), width, {state.attentionNormed.data(), width}, {halves + at.qkv, width, true},
                qkv_.data(), shape_.qkvWidth());
  rotate(qkv_.data(), state);
  attentionForward(state, row);
  gemm_.toFloats(rows, width, width, {state.attended.data(), width}, {halves + at.attentionOut, width, true},
                 stream_.data(), width, true);
  state.feedForwardInput = stream_;
  normForward(stream_.data(), weights + at.feedForwardNorm, state.feedForwardScale.data(), state.feedForwardNormed.data());
  gemm_.toBf16s(rows, hidden * 2, width, {state.feedForwardNormed.data(), width}, {halves + at.gateUp, width, true},
                state.gateUp.data(), hidden * 2);
  for (int position = 0; position < rows; position++) {
    const bf16* gate = &state.gateUp[static_cast<size_t>(position) * hidden * 2];
    const bf16* up = gate + hidden;
    bf16* to = &state.activated[static_cast<size_t>(position) * hidden];
    for (int column = 0; column < hidden; column++) {
      const float value = toFloat(gate[column]);
      to[column] = toBf16(value / (1.0f + std::exp(-value)) * toFloat(up[column]));
    }
  }
  gemm_.toFloats(rows, width, hidden, {state.activated.data(), hidden}, {halves + at.down, hidden, true}, stream_.data(),
                 width, true);
}

// The head runs in chunks of rows so that the logits stay near the processor; forward and backward in one go.
Losses Worker::headForwardBackward(const Row& row, const float* weights, const bf16* halves, float scale) {
  const int width = shape_.width, vocabulary = shape_.vocabulary;
  Losses losses;
  lastInput_ = stream_;
  normForward(stream_.data(), weights + layout_.lastNorm, lastScale_.data(), normed_.data());
  for (int start = 0; start < shape_.context; start += headChunk) {
    const bf16* input = &normed_[static_cast<size_t>(start) * width];
    gemm_.toFloats(headChunk, vocabulary, width, {input, width}, {halves + layout_.embedding, width, true}, logits_.data(), vocabulary);
    for (int index = 0; index < headChunk; index++) {
      const int position = start + index, target = row.targets[position];
      const float* logits = &logits_[static_cast<size_t>(index) * vocabulary];
      bf16* slopes = &logitGradient_[static_cast<size_t>(index) * vocabulary];
      float most = logits[0];
      for (int token = 0; token < vocabulary; token++) most = logits[token] > most ? logits[token] : most;
      float sum = 0;
      float* powers = const_cast<float*>(logits);
      const float chosen = logits[target];
      for (int token = 0; token < vocabulary; token++) {
        const float power = std::exp(logits[token] - most);
        powers[token] = power;
        sum += power;
      }
      const float weight = row.weights[position] * scale, factor = weight / sum;
      for (int token = 0; token < vocabulary; token++) slopes[token] = toBf16(powers[token] * factor);
      slopes[target] = toBf16(powers[target] * factor - weight);
      if (row.weights[position] == 0) continue;
      const double loss = std::log(sum) + most - chosen;
      losses.all += loss;
      losses.allCount++;
      if (row.inMiddle[position]) losses.middle += loss, losses.middleCount++;
    }
    gemm_.toFloats(headChunk, width, vocabulary, {logitGradient_.data(), vocabulary}, {halves + layout_.embedding, width},
                   &wide_[static_cast<size_t>(start) * width], width);
    gemm_.toFloats(vocabulary, width, headChunk, {logitGradient_.data(), vocabulary, true}, {input, width},
                   &gradient[layout_.embedding], width, true);
  }
  std::fill(streamGradient_.begin(), streamGradient_.end(), 0.0f);
  normBackward(lastInput_.data(), weights + layout_.lastNorm, lastScale_.data(), wide_.data(), &gradient[layout_.lastNorm]);
  return losses;
}

void Worker::layerBackward(int layer, const Row& row, const float* weights, const bf16* halves) {
  LayerState& state = states_[layer];
  const LayerOffsets& at = layout_.layers[layer];
  const int rows = shape_.context, width = shape_.width, qkvWidth = shape_.qkvWidth();
  feedForwardBackward(layer, weights, halves);
  toHalves(streamGradient_.data(), half_.data(), half_.size());
  gemm_.toBf16s(rows, width, width, {half_.data(), width}, {halves + at.attentionOut, width}, attendedGradient_.data(), width);
  gemm_.toFloats(width, width, rows, {half_.data(), width, true}, {state.attended.data(), width}, &gradient[at.attentionOut], width, true);
  attentionBackward(state, row);
  rotateBack(qkv_.data());
  gemm_.toFloats(rows, width, qkvWidth, {qkv_.data(), qkvWidth}, {halves + at.qkv, width}, wide_.data(), width);
  gemm_.toFloats(qkvWidth, width, rows, {qkv_.data(), qkvWidth, true}, {state.attentionNormed.data(), width}, &gradient[at.qkv], width, true);
  normBackward(state.attentionInput.data(), weights + at.attentionNorm, state.attentionScale.data(), wide_.data(),
               &gradient[at.attentionNorm]);
}

void Worker::feedForwardBackward(int layer, const float* weights, const bf16* halves) {
  LayerState& state = states_[layer];
  const LayerOffsets& at = layout_.layers[layer];
  const int rows = shape_.context, width = shape_.width, hidden = shape_.feedForward;
  toHalves(streamGradient_.data(), half_.data(), half_.size());
  gemm_.toFloats(rows, hidden, width, {half_.data(), width}, {halves + at.down, hidden}, wide_.data(), hidden);
  gemm_.toFloats(width, hidden, rows, {half_.data(), width, true}, {state.activated.data(), hidden}, &gradient[at.down], hidden, true);
  for (int position = 0; position < rows; position++) {
    const bf16* gate = &state.gateUp[static_cast<size_t>(position) * hidden * 2];
    const bf16* up = gate + hidden;
    const float* incoming = &wide_[static_cast<size_t>(position) * hidden];
    bf16* outgoing = &hidden_[static_cast<size_t>(position) * hidden * 2];
    for (int column = 0; column < hidden; column++) {
      const float value = toFloat(gate[column]), sigmoid = 1.0f / (1.0f + std::exp(-value));
      outgoing[column] = toBf16(incoming[column] * toFloat(up[column]) * sigmoid * (1.0f + value * (1.0f - sigmoid)));
      outgoing[hidden + column] = toBf16(incoming[column] * value * sigmoid);
    }
  }
  gemm_.toFloats(rows, width, hidden * 2, {hidden_.data(), hidden * 2}, {halves + at.gateUp, width}, wide_.data(), width);
  gemm_.toFloats(hidden * 2, width, rows, {hidden_.data(), hidden * 2, true}, {state.feedForwardNormed.data(), width},
                 &gradient[at.gateUp], width, true);
  normBackward(state.feedForwardInput.data(), weights + at.feedForwardNorm, state.feedForwardScale.data(), wide_.data(),
               &gradient[at.feedForwardNorm]);
}

}  // namespace starter
