// Forward and backward pass on the GPU over several rows at once; the same computation as `processor/model.cpp`.
#pragma once
#include "device.h"
#include "kernels.h"
#include "row.h"
#include "shape.h"

namespace starter {

class DeviceModel {
 public:
  DeviceModel(const Shape& shape, const Layout& layout);

  // Rows that one call may have; the gradient of a step is summed over calls.
  static constexpr int mostRows = 16;

  // Adds the gradient of the weighted loss to `gradient`. `weights` and `halves` hold the parameters in float and bfloat16.
  Losses trainOn(const Row* rows, int count, const float* weights, const bf16* halves, float scale, float* gradient);

 private:
  struct LayerState {
    DeviceArray<float> attentionInput, feedForwardInput, attentionScale, feedForwardScale;
    DeviceArray<bf16> attentionNormed, query, key, value, probabilities, attended, feedForwardNormed, gateUp, activated;
  };

  // What one call works with.
  struct Batch {
    int rows, tokens;
    const float* weights;
    const bf16* halves;
    float scale;
    float* gradient;
    DeviceRows values;
  };

  void makeTables();
  DeviceRows upload(const Row* rows, int count);
  void layerForward(int layer, const Batch& batch);
  void attentionForward(LayerState& state, const Batch& batch);
  void headForwardBackward(const Batch& batch);
  void feedForwardBackward(int layer, const Batch& batch);
  void attentionBackward(LayerState& state, const Batch& batch);
  void layerBackward(int layer, const Batch& batch);
  void copy(const DeviceArray<float>& from, DeviceArray<float>& to, const Batch& batch) const;

  const Shape shape_;
  const Layout& layout_;
  Gemm gemm_;
  std::vector<LayerState> states_;
  DeviceArray<int> inputs_, targets_, sampleStart_;
  DeviceArray<float> targetWeights_;
  DeviceArray<unsigned char> inMiddle_;
  DeviceArray<double> losses_;
  DeviceArray<float> cosines_, sines_;
  DeviceArray<float> stream_, streamGradient_, lastInput_, lastScale_, wide_, scores_, logits_;
  DeviceArray<float> queryGradient_, keyGradient_, valueGradient_;
  DeviceArray<bf16> normed_, half_, qkv_, attendedGradient_, scoreGradient_, hidden_, logitGradient_;
};

}  // namespace starter
