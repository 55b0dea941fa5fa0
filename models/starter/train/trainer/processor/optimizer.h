// Muon for the matrices, AdamW for the embedding and the norms. Float master weights.
// Muon: https://kellerjordan.github.io/posts/muon/ (momentum made orthogonal by Newton-Schulz iterations).
#pragma once
#include <vector>

#include "backEnd.h"
#include "gemm.h"
#include "shape.h"

namespace starter {

class Optimizer {
 public:
  Optimizer(const Shape& shape, const Layout& layout);

  // Updates one matrix; different matrices may be updated by different threads, each with its own `gemm`.
  void updateMatrix(size_t index, Gemm& gemm, const float* gradient, State& state, float rate) const;

  // Updates the floats [from, to) with Adam; `step` counts from 1.
  void updateRange(size_t from, size_t to, const float* gradient, State& state, float rate, int64_t step) const;

  // Everything that is not a matrix, as ranges for `updateRange`.
  const std::vector<std::pair<size_t, size_t>>& ranges() const { return ranges_; }

 private:
  const Layout& layout_;
  std::vector<std::pair<size_t, size_t>> ranges_;
};

}  // namespace starter
