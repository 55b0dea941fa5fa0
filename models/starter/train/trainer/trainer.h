// The training loop: steps over the rows of the sample file, rates by the clock, checkpoints.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "backEnd.h"
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
  std::string writeGradient;
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

  // Writes the gradient of one step's rows at weights that depend on the seed alone: what two back ends are compared by.
  void writeGradient();

 private:
  void initialize();
  void disturb();
  bool load();
  void save();
  Losses step();
  std::vector<Row> nextRows();
  float rateNow() const;
  double progress() const;

  const Settings settings_;
  const Layout layout_;
  Samples samples_;
  std::unique_ptr<BackEnd> backEnd_;
  State state_;
  int64_t steps_ = 0, tokens_ = 0;
  double seconds_ = 0;
  size_t nextRow_ = 0;
};

// Sum of the weights of all targets.
double totalWeight(const std::vector<Row>& rows);

}  // namespace starter
