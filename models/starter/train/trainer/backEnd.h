// What computes: the processor or a GPU. The program is linked with one back end, which defines `makeBackEnd`.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "row.h"
#include "shape.h"

namespace starter {

// Learning rates of the two optimizers.
struct Rates {
  float muon = 0.02f;
  float adam = 0.003f;
};

// Everything that a checkpoint keeps, each array in the order of `Layout`: weights, first and second moments.
struct State {
  std::vector<float> weights, first, second;

  explicit State(size_t count) : weights(count), first(count), second(count) {}
};

class BackEnd {
 public:
  virtual ~BackEnd() = default;

  virtual void writeState(const State& state) = 0;
  virtual void readState(State& state) = 0;

  // Replaces the gradient by that of the weighted loss of these rows; `scale` is 1 / (sum of the targets' weights).
  virtual Losses computeGradient(const std::vector<Row>& rows, float scale) = 0;
  virtual void readGradient(std::vector<float>& gradient) = 0;

  // One step along the gradient: Muon for the matrices, Adam for the embedding and the norms; `step` counts from 1.
  virtual void update(Rates rates, int64_t step) = 0;
};

// A back end with undefined state. `threads` is for the processor alone. Throws where the machine cannot do it.
std::unique_ptr<BackEnd> makeBackEnd(const Shape& shape, const Layout& layout, int threads);

}  // namespace starter
