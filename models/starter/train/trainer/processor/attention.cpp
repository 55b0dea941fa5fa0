// Causal attention inside each sample of a row, in blocks of 128 queries. The three (or more) query heads share one
// key-value head, so the heads of a block's positions are the rows of one matrix.
#include <algorithm>
#include <cmath>

#include "model.h"

namespace starter {
namespace {

constexpr int queryBlock = 128;
constexpr int keyStep = 64;

}  // namespace

// First key that a block of queries may see, rounded down so that few different shapes occur.
int Worker::blockStart(const Row& row, int firstQuery) const { return row.sampleStart[firstQuery] / keyStep * keyStep; }

// Rotates neighbouring pairs of queries and keys by their position and separates the three parts.
void Worker::rotate(const bf16* qkv, LayerState& state) {
  const int width = shape_.width, head = shape_.headLength(), rows = shape_.context;
  for (int position = 0; position < rows; position++) {
    const bf16* from = qkv + static_cast<size_t>(position) * shape_.qkvWidth();
    const float *cosines = &cosines_[position * head / 2], *sines = &sines_[position * head / 2];
    for (int start = 0; start < width + head; start += head) {
      bf16* to = start < width ? &state.query[static_cast<size_t>(position) * width + start]
                               : &state.key[static_cast<size_t>(position) * head];
      for (int pair = 0; pair < head / 2; pair++) {
        const float x = toFloat(from[start + 2 * pair]), y = toFloat(from[start + 2 * pair + 1]);
        to[2 * pair] = toBf16(x * cosines[pair] - y * sines[pair]);
        to[2 * pair + 1] = toBf16(x * sines[pair] + y * cosines[pair]);
      }
    }
    std::copy(from + width + head, from + width + 2 * head, &state.value[static_cast<size_t>(position) * head]);
  }
}

void Worker::rotateBack(bf16* qkvGradient) {
  const int width = shape_.width, head = shape_.headLength(), rows = shape_.context;
  for (int position = 0; position < rows; position++) {
    bf16* to = qkvGradient + static_cast<size_t>(position) * shape_.qkvWidth();
    const float *cosines = &cosines_[position * head / 2], *sines = &sines_[position * head / 2];
    for (int start = 0; start < width + head; start += head) {
      const float* from = start < width ? &queryGradient_[static_cast<size_t>(position) * width + start]
                                        : &keyGradient_[static_cast<size_t>(position) * head];
      for (int pair = 0; pair < head / 2; pair++) {
        const float x = from[2 * pair], y = from[2 * pair + 1];
        to[start + 2 * pair] = toBf16(x * cosines[pair] + y * sines[pair]);
        to[start + 2 * pair + 1] = toBf16(-x * sines[pair] + y * cosines[pair]);
      }
    }
    const float* value = &valueGradient_[static_cast<size_t>(position) * head];
    for (int column = 0; column < head; column++) to[width + head + column] = toBf16(value[column]);
  }
}

void Worker::attentionForward(LayerState& state, const Row& row) {
  const int head = shape_.headLength(), heads = shape_.heads, blockRows = queryBlock * heads;
  const float scale = 1.0f / std::sqrt(static_cast<float>(head));
  for (int first = 0; first < shape_.context; first += queryBlock) {
    const int start = blockStart(row, first), keys = first + queryBlock - start;
    bf16* probabilities = state.probabilities[first / queryBlock].data();
    const size_t queryAt = static_cast<size_t>(first) * shape_.width;
    gemm_.toFloats(blockRows, keys, head, {&state.query[queryAt], head}, {&state.key[static_cast<size_t>(start) * head], head, true},
                   scores_.data(), keys);
    for (int index = 0; index < blockRows; index++) {
      const int position = first + index / heads;
      const int from = row.sampleStart[position] - start, to = position - start + 1;
      float* scores = &scores_[static_cast<size_t>(index) * keys];
      bf16* output = probabilities + static_cast<size_t>(index) * keys;
      float most = scores[from];
      for (int key = from; key < to; key++) most = scores[key] > most ? scores[key] : most;
      float sum = 0;
      for (int key = from; key < to; key++) {
        scores[key] = std::exp((scores[key] - most) * scale);
        sum += scores[key];
      }
      const float factor = 1.0f / sum;
      std::fill(output, output + from, 0);
      for (int key = from; key < to; key++) output[key] = toBf16(scores[key] * factor);
      std::fill(output + to, output + keys, 0);
    }
    gemm_.toBf16s(blockRows, head, keys, {probabilities, keys}, {&state.value[static_cast<size_t>(start) * head], head},
                  &state.attended[queryAt], head);
  }
}

// Reads attendedGradient_; writes the gradients of queries, keys and values.
void Worker::attentionBackward(LayerState& state, const Row& row) {
  const int head = shape_.headLength(), heads = shape_.heads, blockRows = queryBlock * heads;
  const float scale = 1.0f / std::sqrt(static_cast<float>(head));
  std::fill(keyGradient_.begin(), keyGradient_.end(), 0.0f);
  std::fill(valueGradient_.begin(), valueGradient_.end(), 0.0f);
  for (int first = 0; first < shape_.context; first += queryBlock) {
    const int start = blockStart(row, first), keys = first + queryBlock - start;
    const size_t queryAt = static_cast<size_t>(first) * shape_.width, keyAt = static_cast<size_t>(start) * head;
    const bf16* probabilities = state.probabilities[first / queryBlock].data();
    const bf16* incoming = &attendedGradient_[queryAt];
    gemm_.toFloats(blockRows, keys, head, {incoming, head}, {&state.value[keyAt], head, true}, scores_.data(), keys);
    for (int index = 0; index < blockRows; index++) {
      const bf16 *slopes = incoming + static_cast<size_t>(index) * head, *output = &state.attended[queryAt + static_cast<size_t>(index) * head];
      float dot = 0;
      for (int column = 0; column < head; column++) dot += toFloat(slopes[column]) * toFloat(output[column]);
      const size_t at = static_cast<size_t>(index) * keys;
      for (int key = 0; key < keys; key++) {
        scoreGradient_[at + key] = toBf16(toFloat(probabilities[at + key]) * (scores_[at + key] - dot) * scale);
      }
    }
    gemm_.toFloats(blockRows, head, keys, {scoreGradient_.data(), keys}, {&state.key[keyAt], head}, &queryGradient_[queryAt], head);
    gemm_.toFloats(keys, head, blockRows, {scoreGradient_.data(), keys, true}, {&state.query[queryAt], head}, &keyGradient_[keyAt], head, true);
    gemm_.toFloats(keys, head, blockRows, {probabilities, keys, true}, {incoming, head}, &valueGradient_[keyAt], head, true);
  }
}

}  // namespace starter
