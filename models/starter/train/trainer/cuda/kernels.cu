// Kernels of the forward and backward pass. A warp works on one position (or one row of scores), lanes on its columns.
#include <cmath>

#include "kernels.h"

namespace starter {
namespace {

constexpr int threads = 256;
constexpr int laneCount = 32;
constexpr int warps = threads / laneCount;

int blocks(size_t count, int each = threads) { return static_cast<int>((count + each - 1) / each); }

__device__ float warpSum(float value) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffff, value, step);
  return value;
}

__device__ float warpMaximum(float value) {
  for (int step = 16; step > 0; step /= 2) value = fmaxf(value, __shfl_xor_sync(0xffffffff, value, step));
  return value;
}

__device__ size_t globalIndex() { return static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ int warpIndex() { return blockIdx.x * warps + threadIdx.x / laneCount; }
__device__ int lane() { return threadIdx.x % laneCount; }

__global__ void toHalvesKernel(const float* from, bf16* to, size_t count) {
  const size_t index = globalIndex();
  if (index < count) to[index] = __float2bfloat16(from[index]);
}

__global__ void embedKernel(const float* embedding, const int* inputs, float* stream, size_t count, int width) {
  const size_t index = globalIndex();
  if (index < count) stream[index] = embedding[static_cast<size_t>(inputs[index / width]) * width + index % width];
}

__global__ void embedBackwardKernel(const float* streamGradient, const int* inputs, float* gradient, size_t count, int width) {
  const size_t index = globalIndex();
  if (index < count) atomicAdd(&gradient[static_cast<size_t>(inputs[index / width]) * width + index % width], streamGradient[index]);
}

__global__ void normForwardKernel(const float* input, const float* gain, float* scales, bf16* output, int tokens, int width, float epsilon) {
  const int position = warpIndex();
  if (position >= tokens) return;
  const float* from = input + static_cast<size_t>(position) * width;
  float sum = 0;
  for (int column = lane(); column < width; column += laneCount) sum += from[column] * from[column];
  const float scale = rsqrtf(warpSum(sum) / width + epsilon);
  if (lane() == 0) scales[position] = scale;
  bf16* to = output + static_cast<size_t>(position) * width;
  for (int column = lane(); column < width; column += laneCount) to[column] = __float2bfloat16(from[column] * scale * gain[column]);
}

__global__ void normBackwardKernel(const float* input, const float* gain, const float* scales, const float* outputGradient,
                                   float* streamGradient, int tokens, int width) {
  const int position = warpIndex();
  if (position >= tokens) return;
  const size_t at = static_cast<size_t>(position) * width;
  float dot = 0;
  for (int column = lane(); column < width; column += laneCount) dot += outputGradient[at + column] * gain[column] * input[at + column];
  const float scale = scales[position], correction = warpSum(dot) * scale * scale * scale / width;
  for (int column = lane(); column < width; column += laneCount) {
    streamGradient[at + column] += outputGradient[at + column] * gain[column] * scale - input[at + column] * correction;
  }
}

// A thread adds up one column over a run of positions, so that few atomic additions meet.
constexpr int positionsEach = 64;

__global__ void gainGradientKernel(const float* input, const float* scales, const float* outputGradient, float* gainGradient,
                                   int tokens, int width) {
  const int column = blockIdx.x * blockDim.x + threadIdx.x, first = blockIdx.y * positionsEach;
  if (column >= width) return;
  float sum = 0;
  for (int position = first; position < min(tokens, first + positionsEach); position++) {
    const size_t at = static_cast<size_t>(position) * width + column;
    sum += outputGradient[at] * input[at] * scales[position];
  }
  atomicAdd(&gainGradient[column], sum);
}

// One thread for each pair of queries and keys.
__global__ void rotateKernel(const bf16* qkv, const float* cosines, const float* sines, bf16* query, bf16* key, bf16* value,
                             size_t count, int context, int width, int head) {
  const size_t index = globalIndex();
  if (index >= count) return;
  const int pairs = (width + head) / 2, start = static_cast<int>(index % pairs) * 2;
  const size_t token = index / pairs;
  const bf16* from = qkv + token * (width + 2 * head);
  const size_t angle = (token % context) * (head / 2) + (start % head) / 2;
  const float x = __bfloat162float(from[start]), y = __bfloat162float(from[start + 1]);
  bf16* to = start < width ? &query[token * width + start] : &key[token * head + start - width];
  to[0] = __float2bfloat16(x * cosines[angle] - y * sines[angle]);
  to[1] = __float2bfloat16(x * sines[angle] + y * cosines[angle]);
  if (start < head) {
    value[token * head + start] = from[width + head + start];
    value[token * head + start + 1] = from[width + head + start + 1];
  }
}

__global__ void rotateBackKernel(const float* queryGradient, const float* keyGradient, const float* valueGradient, const float* cosines,
                                 const float* sines, bf16* qkvGradient, size_t count, int context, int width, int head) {
  const size_t index = globalIndex();
  if (index >= count) return;
  const int pairs = (width + head) / 2, start = static_cast<int>(index % pairs) * 2;
  const size_t token = index / pairs;
  const float* from = start < width ? &queryGradient[token * width + start] : &keyGradient[token * head + start - width];
  const size_t angle = (token % context) * (head / 2) + (start % head) / 2;
  bf16* to = qkvGradient + token * (width + 2 * head);
  to[start] = __float2bfloat16(from[0] * cosines[angle] + from[1] * sines[angle]);
  to[start + 1] = __float2bfloat16(-from[0] * sines[angle] + from[1] * cosines[angle]);
  if (start < head) {
    to[width + head + start] = __float2bfloat16(valueGradient[token * head + start]);
    to[width + head + start + 1] = __float2bfloat16(valueGradient[token * head + start + 1]);
  }
}

__global__ void softmaxKernel(const float* scores, const int* sampleStart, bf16* probabilities, int rows, int context, int heads, float scale) {
  const int row = warpIndex();
  if (row >= rows) return;
  const int token = row / heads, from = sampleStart[token], to = token % context + 1;
  const float* values = scores + static_cast<size_t>(row) * context;
  bf16* output = probabilities + static_cast<size_t>(row) * context;
  float most = -INFINITY, sum = 0;
  for (int key = from + lane(); key < to; key += laneCount) most = fmaxf(most, values[key]);
  most = warpMaximum(most);
  for (int key = from + lane(); key < to; key += laneCount) sum += __expf((values[key] - most) * scale);
  const float factor = 1.0f / warpSum(sum);
  for (int key = lane(); key < context; key += laneCount) {
    const bool seen = key >= from && key < to;
    output[key] = __float2bfloat16(seen ? __expf((values[key] - most) * scale) * factor : 0.0f);
  }
}

__global__ void softmaxBackwardKernel(const bf16* probabilities, const float* probabilityGradient, const bf16* attended,
                                      const bf16* attendedGradient, bf16* scoreGradient, int rows, int context, int head, float scale) {
  const int row = warpIndex();
  if (row >= rows) return;
  float dot = 0;
  for (int column = lane(); column < head; column += laneCount) {
    const size_t at = static_cast<size_t>(row) * head + column;
    dot += __bfloat162float(attended[at]) * __bfloat162float(attendedGradient[at]);
  }
  dot = warpSum(dot);
  for (int key = lane(); key < context; key += laneCount) {
    const size_t at = static_cast<size_t>(row) * context + key;
    scoreGradient[at] = __float2bfloat16(__bfloat162float(probabilities[at]) * (probabilityGradient[at] - dot) * scale);
  }
}

__global__ void gateForwardKernel(const bf16* gateUp, bf16* activated, size_t count, int hidden) {
  const size_t index = globalIndex();
  if (index >= count) return;
  const size_t at = index / hidden * hidden * 2 + index % hidden;
  const float value = __bfloat162float(gateUp[at]);
  activated[index] = __float2bfloat16(value / (1.0f + __expf(-value)) * __bfloat162float(gateUp[at + hidden]));
}

__global__ void gateBackwardKernel(const bf16* gateUp, const float* activatedGradient, bf16* gateUpGradient, size_t count, int hidden) {
  const size_t index = globalIndex();
  if (index >= count) return;
  const size_t at = index / hidden * hidden * 2 + index % hidden;
  const float value = __bfloat162float(gateUp[at]), sigmoid = 1.0f / (1.0f + __expf(-value));
  const float incoming = activatedGradient[index];
  gateUpGradient[at] = __float2bfloat16(incoming * __bfloat162float(gateUp[at + hidden]) * sigmoid * (1.0f + value * (1.0f - sigmoid)));
  gateUpGradient[at + hidden] = __float2bfloat16(incoming * value * sigmoid);
}

__global__ void crossEntropyKernel(const float* logits, DeviceRows rows, int first, int count, int vocabulary, float scale, bf16* slopes) {
  const int index = warpIndex();
  if (index >= count) return;
  const int position = first + index, target = rows.targets[position];
  const float* values = logits + static_cast<size_t>(index) * vocabulary;
  bf16* output = slopes + static_cast<size_t>(index) * vocabulary;
  float most = -INFINITY, sum = 0;
  for (int token = lane(); token < vocabulary; token += laneCount) most = fmaxf(most, values[token]);
  most = warpMaximum(most);
  for (int token = lane(); token < vocabulary; token += laneCount) sum += __expf(values[token] - most);
  sum = warpSum(sum);
  const float weight = rows.weights[position] * scale, factor = weight / sum;
  for (int token = lane(); token < vocabulary; token += laneCount) {
    output[token] = __float2bfloat16(__expf(values[token] - most) * factor - (token == target ? weight : 0.0f));
  }
  if (lane() != 0 || rows.weights[position] == 0) return;
  const double loss = static_cast<double>(logf(sum) + most - values[target]);
  atomicAdd(&rows.losses[0], loss);
  atomicAdd(&rows.losses[2], 1.0);
  if (rows.inMiddle[position]) atomicAdd(&rows.losses[1], loss), atomicAdd(&rows.losses[3], 1.0);
}

}  // namespace

void toHalves(const float* from, bf16* to, size_t count) { toHalvesKernel<<<blocks(count), threads>>>(from, to, count); }

void embed(const float* embedding, const int* inputs, float* stream, int tokens, int width) {
  const size_t count = static_cast<size_t>(tokens) * width;
  embedKernel<<<blocks(count), threads>>>(embedding, inputs, stream, count, width);
}

void embedBackward(const float* streamGradient, const int* inputs, float* gradient, int tokens, int width) {
  const size_t count = static_cast<size_t>(tokens) * width;
  embedBackwardKernel<<<blocks(count), threads>>>(streamGradient, inputs, gradient, count, width);
}

void normForward(const float* input, const float* gain, float* scales, bf16* output, int tokens, int width, float epsilon) {
  normForwardKernel<<<blocks(tokens, warps), threads>>>(input, gain, scales, output, tokens, width, epsilon);
}

void normBackward(const float* input, const float* gain, const float* scales, const float* outputGradient, float* streamGradient,
                  float* gainGradient, int tokens, int width) {
  normBackwardKernel<<<blocks(tokens, warps), threads>>>(input, gain, scales, outputGradient, streamGradient, tokens, width);
  const dim3 grid(blocks(width), blocks(tokens, positionsEach));
  gainGradientKernel<<<grid, threads>>>(input, scales, outputGradient, gainGradient, tokens, width);
}

void rotate(const bf16* qkv, const float* cosines, const float* sines, bf16* query, bf16* key, bf16* value, int tokens, const Shape& shape) {
  const int width = shape.width, head = shape.headLength();
  const size_t count = static_cast<size_t>(tokens) * ((width + head) / 2);
  rotateKernel<<<blocks(count), threads>>>(qkv, cosines, sines, query, key, value, count, shape.context, width, head);
}

void rotateBack(const float* queryGradient, const float* keyGradient, const float* valueGradient, const float* cosines,
                const float* sines, bf16* qkvGradient, int tokens, const Shape& shape) {
  const int width = shape.width, head = shape.headLength();
  const size_t count = static_cast<size_t>(tokens) * ((width + head) / 2);
  rotateBackKernel<<<blocks(count), threads>>>(queryGradient, keyGradient, valueGradient, cosines, sines, qkvGradient, count,
                                               shape.context, width, head);
}

void softmax(const float* scores, const int* sampleStart, bf16* probabilities, int tokens, const Shape& shape) {
  const int rows = tokens * shape.heads;
  softmaxKernel<<<blocks(rows, warps), threads>>>(scores, sampleStart, probabilities, rows, shape.context, shape.heads,
                                                  1.0f / std::sqrt(static_cast<float>(shape.headLength())));
}

void softmaxBackward(const bf16* probabilities, const float* probabilityGradient, const bf16* attended, const bf16* attendedGradient,
                     bf16* scoreGradient, int tokens, const Shape& shape) {
  const int rows = tokens * shape.heads;
  softmaxBackwardKernel<<<blocks(rows, warps), threads>>>(probabilities, probabilityGradient, attended, attendedGradient, scoreGradient,
                                                          rows, shape.context, shape.headLength(),
                                                          1.0f / std::sqrt(static_cast<float>(shape.headLength())));
}

void gateForward(const bf16* gateUp, bf16* activated, int tokens, int hidden) {
  const size_t count = static_cast<size_t>(tokens) * hidden;
  gateForwardKernel<<<blocks(count), threads>>>(gateUp, activated, count, hidden);
}

void gateBackward(const bf16* gateUp, const float* activatedGradient, bf16* gateUpGradient, int tokens, int hidden) {
  const size_t count = static_cast<size_t>(tokens) * hidden;
  gateBackwardKernel<<<blocks(count), threads>>>(gateUp, activatedGradient, gateUpGradient, count, hidden);
}

void crossEntropy(const float* logits, const DeviceRows& rows, int first, int count, int vocabulary, float scale, bf16* slopes) {
  crossEntropyKernel<<<blocks(count, warps), threads>>>(logits, rows, first, count, vocabulary, scale, slopes);
}

}  // namespace starter
