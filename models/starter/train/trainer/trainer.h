// The training loop: rows are shared out to threads, gradients are added up, the optimizer takes one step.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model.h"
#include "optimizer.h"
#include "samples.h"

namespace starter {

struct Settings {
  Shape shape;
  SpecialIds special{};
  std::string samples, checkpoint;
  int threads = 2;
  int rowsPerStep = 8;
  // The end of training: whichever comes first. The rate falls over the last `decay` of it.
  double minutes = 60;
  int64_t steps = 1 << 30;
  double decay = 0.4;
  float middleWeight = 2;
  Rates rates;
  double saveEverySeconds = 180;
  uint32_t seed = 1;
  bool checkGradient = false;
  bool evaluate = false;
};

class Trainer {
 public:
  explicit Trainer(const Settings& settings);

  // Trains until the budget is used up; continues from the checkpoint file where there is one.
  void run();

  // Prints the loss of the checkpoint over all rows of the sample file, as one line of JSON; trains nothing.
  void evaluate();

  // Compares the gradient with finite differences on one row and prints both; for development.
  void checkGradient();

 private:
  void initialize();
  bool load();
  void save() const;
  Losses step();
  void update(float rate);
  void refreshHalves(size_t from, size_t to);
  void inParallel(const std::function<void(int)>& work);
  float rateNow() const;
  double progress() const;

  const Settings settings_;
  const Layout layout_;
  Samples samples_;
  Optimizer optimizer_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<Gemm>> gemms_;
  std::vector<float> weights_;
  std::vector<bf16> halves_;
  int64_t steps_ = 0, tokens_ = 0;
  double seconds_ = 0;
  size_t nextRow_ = 0;
};

}  // namespace starter
