#include "model.h"

#include <algorithm>
#include <cmath>

namespace starter {
namespace {

// Positions whose logits are held at once.
constexpr int headChunk = 4096;

}  // namespace

DeviceModel::DeviceModel(const Shape& shape, const Layout& layout) : shape_(shape), layout_(layout), states_(shape.layers) {
  const size_t tokens = static_cast<size_t>(mostRows) * shape.context, width = shape.width, head = shape.headLength();
  const size_t hidden = shape.feedForward, scores = tokens * shape.heads * shape.context;
  for (LayerState& state : states_) {
    for (auto* array : {&state.attentionInput, &state.feedForwardInput}) array->resize(tokens * width);
    for (auto* array : {&state.attentionScale, &state.feedForwardScale}) array->resize(tokens);
    for (auto* array : {&state.attentionNormed, &state.query, &state.attended, &state.feedForwardNormed}) array->resize(tokens * width);
    for (auto* array : {&state.key, &state.value}) array->resize(tokens * head);
    state.probabilities.resize(scores);
    state.gateUp.resize(tokens * hidden * 2);
    state.activated.resize(tokens * hidden);
  }
  for (auto* array : {&inputs_, &targets_, &sampleStart_}) array->resize(tokens);
  targetWeights_.resize(tokens);
  inMiddle_.resize(tokens);
  losses_.resize(4);
  for (auto* array : {&stream_, &streamGradient_, &lastInput_, &queryGradient_}) array->resize(tokens * width);
  for (auto* array : {&keyGradient_, &valueGradient_}) array->resize(tokens * head);
  lastScale_.resize(tokens);
  wide_.resize(tokens * std::max(hidden, width));
  scores_.resize(scores);
  scoreGradient_.resize(scores);
  logits_.resize(static_cast<size_t>(headChunk) * shape.vocabulary);
  logitGradient_.resize(logits_.size());
  for (auto* array : {&normed_, &half_, &attendedGradient_}) array->resize(tokens * width);
  qkv_.resize(tokens * shape.qkvWidth());
  hidden_.resize(tokens * hidden * 2);
  makeTables();
}

void DeviceModel::makeTables() {
  const int head = shape_.headLength();
  std::vector<float> cosines, sines;
  for (int position = 0; position < shape_.context; position++) {
    for (int pair = 0; pair < head / 2; pair++) {
      const double angle = position * std::pow(shape_.ropeBase, -2.0 * pair / head);
      cosines.push_back(static_cast<float>(std::cos(angle)));
      sines.push_back(static_cast<float>(std::sin(angle)));
    }
  }
  cosines_.resize(cosines.size());
  cosines_.upload(cosines.data(), cosines.size());
  sines_.resize(sines.size());
  sines_.upload(sines.data(), sines.size());
}

Losses DeviceModel::trainOn(const Row* rows, int count, const float* weights, const bf16* halves, float scale, float* gradient) {
  const Batch batch{count, count * shape_.context, weights, halves, scale, gradient, upload(rows, count)};
  embed(weights + layout_.embedding, inputs_.data(), stream_.data(), batch.tokens, shape_.width);
  for (int layer = 0; layer < shape_.layers; layer++) layerForward(layer, batch);
  headForwardBackward(batch);
  for (int layer = shape_.layers - 1; layer >= 0; layer--) layerBackward(layer, batch);
  embedBackward(streamGradient_.data(), inputs_.data(), gradient + layout_.embedding, batch.tokens, shape_.width);
  check(cudaGetLastError());
  double sums[4];
  losses_.download(sums);
  return {sums[0], sums[1], sums[2], sums[3]};
}

// Sample starts stay positions inside a row: attention never crosses rows.
DeviceRows DeviceModel::upload(const Row* rows, int count) {
  std::vector<int> inputs, targets, starts;
  std::vector<float> weights;
  std::vector<unsigned char> middles;
  for (int row = 0; row < count; row++) {
    inputs.insert(inputs.end(), rows[row].inputs.begin(), rows[row].inputs.end());
    targets.insert(targets.end(), rows[row].targets.begin(), rows[row].targets.end());
    starts.insert(starts.end(), rows[row].sampleStart.begin(), rows[row].sampleStart.end());
    weights.insert(weights.end(), rows[row].weights.begin(), rows[row].weights.end());
    middles.insert(middles.end(), rows[row].inMiddle.begin(), rows[row].inMiddle.end());
  }
  inputs_.upload(inputs.data(), inputs.size());
  targets_.upload(targets.data(), targets.size());
  sampleStart_.upload(starts.data(), starts.size());
  targetWeights_.upload(weights.data(), weights.size());
  inMiddle_.upload(middles.data(), middles.size());
  losses_.zero();
  return {inputs_.data(), targets_.data(), sampleStart_.data(), targetWeights_.data(), inMiddle_.data(), losses_.data()};
}

void DeviceModel::copy(const DeviceArray<float>& from, DeviceArray<float>& to, const Batch& batch) const {
  const size_t bytes = static_cast<size_t>(batch.tokens) * shape_.width * sizeof(float);
  check(cudaMemcpyAsync(to.data(), from.data(), bytes, cudaMemcpyDeviceToDevice));
}

void DeviceModel::layerForward(int layer, const Batch& batch) {
  LayerState& state = states_[layer];
  const LayerOffsets& at = layout_.layers[layer];
  const auto [rows, tokens, weights, halves, scale, gradient, values] = batch;
  const int width = shape_.width, hidden = shape_.feedForward, qkvWidth = shape_.qkvWidth();
  copy(stream_, state.attentionInput, batch);
  normForward(stream_.data(), weights + at.attentionNorm, state.attentionScale.data(), state.attentionNormed.data(), tokens, width, shape_.normEpsilon);
  gemm_.toHalves(tokens, qkvWidth, width, {state.attentionNormed.data(), width}, {halves + at.qkv, width, true}, qkv_.data(), qkvWidth);
  rotate(qkv_.data(), cosines_.data(), sines_.data(), state.query.data(), state.key.data(), state.value.data(), tokens, shape_);
  attentionForward(state, batch);
  gemm_.toFloats(tokens, width, width, {state.attended.data(), width}, {halves + at.attentionOut, width, true}, stream_.data(), width, true);
  copy(stream_, state.feedForwardInput, batch);
  normForward(stream_.data(), weights + at.feedForwardNorm, state.feedForwardScale.data(), state.feedForwardNormed.data(), tokens, width, shape_.normEpsilon);
  gemm_.toHalves(tokens, hidden * 2, width, {state.feedForwardNormed.data(), width}, {halves + at.gateUp, width, true}, state.gateUp.data(), hidden * 2);
  gateForward(state.gateUp.data(), state.activated.data(), tokens, hidden);
  gemm_.toFloats(tokens, width, hidden, {state.activated.data(), hidden}, {halves + at.down, hidden, true}, stream_.data(), width, true);
}

// The query heads of a position are neighbouring rows of one matrix, because they share one key-value head.
void DeviceModel::attentionForward(LayerState& state, const Batch& batch) {
  const int context = shape_.context, head = shape_.headLength(), queries = context * shape_.heads;
  const long long queryStride = static_cast<long long>(queries) * head, keyStride = static_cast<long long>(context) * head;
  const long long scoreStride = static_cast<long long>(queries) * context;
  gemm_.toFloats(queries, context, head, {state.query.data(), head, false, queryStride}, {state.key.data(), head, true, keyStride},
                 scores_.data(), context, false, scoreStride, batch.rows);
  softmax(scores_.data(), batch.values.sampleStart, state.probabilities.data(), batch.tokens, shape_);
  gemm_.toHalves(queries, head, context, {state.probabilities.data(), context, false, scoreStride},
                 {state.value.data(), head, false, keyStride}, state.attended.data(), head, queryStride, batch.rows);
}

void DeviceModel::headForwardBackward(const Batch& batch) {
  const int width = shape_.width, vocabulary = shape_.vocabulary;
  const bf16* embedding = batch.halves + layout_.embedding;
  copy(stream_, lastInput_, batch);
  normForward(stream_.data(), batch.weights + layout_.lastNorm, lastScale_.data(), normed_.data(), batch.tokens, width, shape_.normEpsilon);
  for (int first = 0; first < batch.tokens; first += headChunk) {
    const int count = std::min(headChunk, batch.tokens - first);
    const bf16* input = normed_.data() + static_cast<size_t>(first) * width;
    gemm_.toFloats(count, vocabulary, width, {input, width}, {embedding, width, true}, logits_.data(), vocabulary);
    crossEntropy(logits_.data(), batch.values, first, count, vocabulary, batch.scale, logitGradient_.data());
    gemm_.toFloats(count, width, vocabulary, {logitGradient_.data(), vocabulary}, {embedding, width},
                   wide_.data() + static_cast<size_t>(first) * width, width);
    gemm_.toFloats(vocabulary, width, count, {logitGradient_.data(), vocabulary, true}, {input, width},
                   batch.gradient + layout_.embedding, width, true);
  }
  streamGradient_.zero();
  normBackward(lastInput_.data(), batch.weights + layout_.lastNorm, lastScale_.data(), wide_.data(), streamGradient_.data(),
               batch.gradient + layout_.lastNorm, batch.tokens, width);
}

void DeviceModel::layerBackward(int layer, const Batch& batch) {
  LayerState& state = states_[layer];
  const LayerOffsets& at = layout_.layers[layer];
  const auto [rows, tokens, weights, halves, scale, gradient, values] = batch;
  const int width = shape_.width, qkvWidth = shape_.qkvWidth();
  feedForwardBackward(layer, batch);
  toHalves(streamGradient_.data(), half_.data(), static_cast<size_t>(tokens) * width);
  gemm_.toHalves(tokens, width, width, {half_.data(), width}, {halves + at.attentionOut, width}, attendedGradient_.data(), width);
  gemm_.toFloats(width, width, tokens, {half_.data(), width, true}, {state.attended.data(), width}, gradient + at.attentionOut, width, true);
  attentionBackward(state, batch);
  rotateBack(queryGradient_.data(), keyGradient_.data(), valueGradient_.data(), cosines_.data(), sines_.data(), qkv_.data(), tokens, shape_);
  gemm_.toFloats(tokens, width, qkvWidth, {qkv_.data(), qkvWidth}, {halves + at.qkv, width}, wide_.data(), width);
  gemm_.toFloats(qkvWidth, width, tokens, {qkv_.data(), qkvWidth, true}, {state.attentionNormed.data(), width}, gradient + at.qkv, width, true);
  normBackward(state.attentionInput.data(), weights + at.attentionNorm, state.attentionScale.data(), wide_.data(), streamGradient_.data(),
               gradient + at.attentionNorm, tokens, width);
}

void DeviceModel::feedForwardBackward(int layer, const Batch& batch) {
  LayerState& state = states_[layer];
  const LayerOffsets& at = layout_.layers[layer];
  const auto [rows, tokens, weights, halves, scale, gradient, values] = batch;
  const int width = shape_.width, hidden = shape_.feedForward;
  toHalves(streamGradient_.data(), half_.data(), static_cast<size_t>(tokens) * width);
  gemm_.toFloats(tokens, hidden, width, {half_.data(), width}, {halves + at.down, hidden}, wide_.data(), hidden);
  gemm_.toFloats(width, hidden, tokens, {half_.data(), width, true}, {state.activated.data(), hidden}, gradient + at.down, hidden, true);
  gateBackward(state.gateUp.data(), wide_.data(), hidden_.data(), tokens, hidden);
  gemm_.toFloats(tokens, width, hidden * 2, {hidden_.data(), hidden * 2}, {halves + at.gateUp, width}, wide_.data(), width);
  gemm_.toFloats(hidden * 2, width, tokens, {hidden_.data(), hidden * 2, true}, {state.feedForwardNormed.data(), width},
                 gradient + at.gateUp, width, true);
  normBackward(state.feedForwardInput.data(), weights + at.feedForwardNorm, state.feedForwardScale.data(), wide_.data(),
               streamGradient_.data(), gradient + at.feedForwardNorm, tokens, width);
}

// Reads attendedGradient_; writes the gradients of queries, keys and values.
void DeviceModel::attentionBackward(LayerState& state, const Batch& batch) {
  const int context = shape_.context, head = shape_.headLength(), queries = context * shape_.heads;
  const long long queryStride = static_cast<long long>(queries) * head, keyStride = static_cast<long long>(context) * head;
  const long long scoreStride = static_cast<long long>(queries) * context;
  gemm_.toFloats(queries, context, head, {attendedGradient_.data(), head, false, queryStride}, {state.value.data(), head, true, keyStride},
                 scores_.data(), context, false, scoreStride, batch.rows);
  softmaxBackward(state.probabilities.data(), scores_.data(), state.attended.data(), attendedGradient_.data(), scoreGradient_.data(), batch.tokens, shape_);
  gemm_.toFloats(queries, head, context, {scoreGradient_.data(), context, false, scoreStride}, {state.key.data(), head, false, keyStride},
                 queryGradient_.data(), head, false, queryStride, batch.rows);
  gemm_.toFloats(context, head, queries, {scoreGradient_.data(), context, true, scoreStride}, {state.query.data(), head, false, queryStride},
                 keyGradient_.data(), head, false, keyStride, batch.rows);
  gemm_.toFloats(context, head, queries, {state.probabilities.data(), context, true, scoreStride},
                 {attendedGradient_.data(), head, false, queryStride}, valueGradient_.data(), head, false, keyStride, batch.rows);
}

}  // namespace starter
