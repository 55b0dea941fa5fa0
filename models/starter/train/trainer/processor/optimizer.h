// Muon for the matrices, AdamW for the embedding and the norms. Float master weights.
// Muon: https://kellerjordan.github.io/posts/muon/ (momentum made orthogonal by Newton-Schulz iterations).
#pragma once
#include <vector>

#include "gemm.h"
#include "shape.h"

namespace starter {

struct Rates {
  float muon = 0.02f;
  float adam = 0.003f;
};

class Optimizer {
 public:
  Optimizer(const Shape& shape, const Layout& layout);

  // Updates one matrix; different matrices may be updated by different threads, each with its own `gemm`.
  void updateMatrix(size_t index, Gemm& gemm, const float* gradient, float* weights, float rate);

  // Updates the floats [from, to) with Adam; `step` counts from 1.
  void updateRange(size_t from, size_t to, const float* gradient, float* weights, float rate, int64_t step);

  // Everything that is not a matrix, as ranges for `updateRange`.
  const std::vector<std::pair<size_t, size_t>>& ranges() const { return ranges_; }

  // First moments (momentum of the matrices too) and second moments, for checkpoints.
  std::vector<float> first, second;

 private:
  const Layout& layout_;
  std::vector<std::pair<size_t, size_t>> ranges_;
};

}  // namespace starter
