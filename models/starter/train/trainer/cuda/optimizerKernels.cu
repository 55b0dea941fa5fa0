// Kernels of Muon and Adam: one thread for each value.
#include "kernels.h"

namespace starter {
namespace {

constexpr int threads = 256;

int blocks(size_t count) { return static_cast<int>((count + threads - 1) / threads); }

__device__ size_t globalIndex() { return static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; }

// Where a value of a matrix [outputs][inputs] stands in the direction, which has its shorter side first.
__device__ size_t directionIndex(size_t index, int outputs, int inputs, bool flip) {
  return flip ? index % inputs * outputs + index / inputs : index;
}

__global__ void momentumKernel(const float* gradient, float* first, float* direction, int outputs, int inputs, bool flip) {
  constexpr float keep = 0.95f;
  const size_t index = globalIndex();
  if (index >= static_cast<size_t>(outputs) * inputs) return;
  first[index] = keep * first[index] + (1 - keep) * gradient[index];
  direction[directionIndex(index, outputs, inputs, flip)] = keep * first[index] + (1 - keep) * gradient[index];
}

__global__ void sumOfSquaresKernel(const float* values, size_t count, double* sum) {
  double own = 0;
  for (size_t index = globalIndex(); index < count; index += static_cast<size_t>(gridDim.x) * blockDim.x) {
    own += static_cast<double>(values[index]) * values[index];
  }
  for (int step = 16; step > 0; step /= 2) own += __shfl_xor_sync(0xffffffff, own, step);
  if (threadIdx.x % 32 == 0) atomicAdd(sum, own);
}

__global__ void normalizeKernel(float* values, size_t count, const double* sumOfSquares) {
  const size_t index = globalIndex();
  if (index < count) values[index] *= 1.0f / (static_cast<float>(sqrt(*sumOfSquares)) + 1e-7f);
}

// Coefficients of the quintic Newton-Schulz iteration as published with Muon.
constexpr float cubicA = 3.4445f, cubicB = -4.7750f, cubicC = 2.0315f;

__global__ void polynomialKernel(const float* square, const float* fourth, bf16* result, size_t count) {
  const size_t index = globalIndex();
  if (index < count) result[index] = __float2bfloat16(cubicB * square[index] + cubicC * fourth[index]);
}

__global__ void combineKernel(float* matrix, const float* change, size_t count) {
  const size_t index = globalIndex();
  if (index < count) matrix[index] = cubicA * matrix[index] + change[index];
}

__global__ void applyMuonKernel(const float* direction, float* weights, int outputs, int inputs, bool flip, float step, float decay) {
  const size_t index = globalIndex();
  if (index >= static_cast<size_t>(outputs) * inputs) return;
  weights[index] -= step * direction[directionIndex(index, outputs, inputs, flip)] + decay * weights[index];
}

__global__ void applyAdamKernel(const float* gradient, float* weights, float* first, float* second, size_t count, float rate,
                                float correction1, float correction2) {
  constexpr float beta1 = 0.9f, beta2 = 0.95f, epsilon = 1e-10f;
  const size_t index = globalIndex();
  if (index >= count) return;
  const float slope = gradient[index];
  first[index] = beta1 * first[index] + (1 - beta1) * slope;
  second[index] = beta2 * second[index] + (1 - beta2) * slope * slope;
  weights[index] -= rate * (first[index] / correction1) / (sqrtf(second[index] / correction2) + epsilon);
}

}  // namespace

void momentum(const float* gradient, float* first, float* direction, int outputs, int inputs, bool flip) {
  momentumKernel<<<blocks(static_cast<size_t>(outputs) * inputs), threads>>>(gradient, first, direction, outputs, inputs, flip);
}

void sumOfSquares(const float* values, size_t count, double* sum) {
  check(cudaMemsetAsync(sum, 0, sizeof(double)));
  sumOfSquaresKernel<<<64, threads>>>(values, count, sum);
}

void normalize(float* values, size_t count, const double* sumOfSquares) {
  normalizeKernel<<<blocks(count), threads>>>(values, count, sumOfSquares);
}

void polynomial(const float* square, const float* fourth, bf16* result, size_t count) {
  polynomialKernel<<<blocks(count), threads>>>(square, fourth, result, count);
}

void combine(float* matrix, const float* change, size_t count) { combineKernel<<<blocks(count), threads>>>(matrix, change, count); }

void applyMuon(const float* direction, float* weights, int outputs, int inputs, bool flip, float step, float decay) {
  applyMuonKernel<<<blocks(static_cast<size_t>(outputs) * inputs), threads>>>(direction, weights, outputs, inputs, flip, step, decay);
}

void applyAdam(const float* gradient, float* weights, float* first, float* second, size_t count, float rate, float correction1,
               float correction2) {
  applyAdamKernel<<<blocks(count), threads>>>(gradient, weights, first, second, count, rate, correction1, correction2);
}

}  // namespace starter
