// Everything between the matrix products. Each function starts one kernel and returns at once.
// `tokens` counts positions of all rows of a batch; rows lie one behind the other.
#pragma once
#include "device.h"
#include "shape.h"

namespace starter {

// Rows of a batch on the GPU. `losses` sums all, middle, their counts, as `Losses` does.
struct DeviceRows {
  const int *inputs, *targets, *sampleStart;
  const float* weights;
  const unsigned char* inMiddle;
  double* losses;
};

void toHalves(const float* from, bf16* to, size_t count);

void embed(const float* embedding, const int* inputs, float* stream, int tokens, int width);
void embedBackward(const float* streamGradient, const int* inputs, float* gradient, int tokens, int width);

void normForward(const float* input, const float* gain, float* scales, bf16* output, int tokens, int width, float epsilon);
// Adds the gradient through a norm to `streamGradient` and to `gainGradient`.
void normBackward(const float* input, const float* gain, const float* scales, const float* outputGradient, float* streamGradient,
                  float* gainGradient, int tokens, int width);

// Turns neighbouring pairs of queries and keys by their position and separates the three parts.
void rotate(const bf16* qkv, const float* cosines, const float* sines, bf16* query, bf16* key, bf16* value, int tokens, const Shape& shape);
void rotateBack(const float* queryGradient, const float* keyGradient, const float* valueGradient, const float* cosines,
                const float* sines, bf16* qkvGradient, int tokens, const Shape& shape);

// One row of scores for each position and head; a position sees its own sample up to itself.
void softmax(const float* scores, const int* sampleStart, bf16* probabilities, int tokens, const Shape& shape);
void softmaxBackward(const bf16* probabilities, const float* probabilityGradient, const bf16* attended, const bf16* attendedGradient,
                     bf16* scoreGradient, int tokens, const Shape& shape);

void gateForward(const bf16* gateUp, bf16* activated, int tokens, int hidden);
void gateBackward(const bf16* gateUp, const float* activatedGradient, bf16* gateUpGradient, int tokens, int hidden);

// Losses of `count` positions from `first` on, and the slopes of their logits.
void crossEntropy(const float* logits, const DeviceRows& rows, int first, int count, int vocabulary, float scale, bf16* slopes);

// Parts of Muon and Adam; see the processor's optimizer for what they compute.
void momentum(const float* gradient, float* first, float* direction, int outputs, int inputs, bool flip);
void sumOfSquares(const float* values, size_t count, double* sum);
void normalize(float* values, size_t count, const double* sumOfSquares);
void polynomial(const float* square, const float* fourth, bf16* result, size_t count);
void combine(float* matrix, const float* change, size_t count);
void applyMuon(const float* direction, float* weights, int outputs, int inputs, bool flip, float step, float decay);
void applyAdam(const float* gradient, float* weights, float* first, float* second, size_t count, float rate, float correction1,
               float correction2);

}  // namespace starter
