// Forward and backward pass of the model over one row of tokens. Each thread owns one `Worker`.
#pragma once
#include <vector>

#include "gemm.h"
#include "row.h"
#include "shape.h"

namespace starter {

class Worker {
 public:
  Worker(const Shape& shape, const Layout& layout);

  // Adds the gradient of the weighted mean loss to `gradient`; `scale` is 1 / (sum of weights in the step).
  // `weights` holds the parameters in float, `halves` the same in bfloat16.
  Losses trainOn(const Row& row, const float* weights, const bf16* halves, float scale);

  std::vector<float> gradient;

 private:
  struct LayerState {
    std::vector<float> attentionInput, feedForwardInput, attentionScale, feedForwardScale;
    std::vector<bf16> attentionNormed, query, key, value, attended, feedForwardNormed, gateUp, activated;
    std::vector<std::vector<bf16>> probabilities;
  };

  void embed(const Row& row, const float* weights);
  void layerForward(int layer, const Row& row, const float* weights, const bf16* halves);
  void attentionForward(LayerState& state, const Row& row);
  Losses headForwardBackward(const Row& row, const float* weights, const bf16* halves, float scale);
  void layerBackward(int layer, const Row& row, const float* weights, const bf16* halves);
  void feedForwardBackward(int layer, const float* weights, const bf16* halves);
  void attentionBackward(LayerState& state, const Row& row);

  void normForward(const float* input, const float* gain, float* scales, bf16* output);
  void normBackward(const float* input, const float* gain, const float* scales, const float* outputGradient,
                    float* gainGradient);
  void rotate(const bf16* qkv, LayerState& state);
  void rotateBack(bf16* qkvGradient);
  int blockStart(const Row& row, int firstQuery) const;

  const Shape shape_;
  const Layout& layout_;
  Gemm gemm_;
  std::vector<LayerState> states_;
  std::vector<float> stream_, streamGradient_, lastInput_, lastScale_;
  std::vector<float> logits_, scores_, wide_, queryGradient_, keyGradient_, valueGradient_;
  std::vector<bf16> normed_, half_, logitGradient_, qkv_, scoreGradient_, hidden_, attendedGradient_;
  std::vector<float> cosines_, sines_;
};

}  // namespace starter
