// What the sample file gives and what training on it costs; shared by all back ends.
#pragma once
#include <vector>

namespace starter {

// One row of the sample file: inputs, targets, the weight of each target, and where each position's sample starts.
struct Row {
  std::vector<int> inputs, targets, sampleStart;
  std::vector<float> weights;
  std::vector<bool> inMiddle;
};

// Sums over the targets of rows, in nats.
struct Losses {
  double all = 0, middle = 0;
  double allCount = 0, middleCount = 0;

  void add(const Losses& more) {
    all += more.all, middle += more.middle;
    allCount += more.allCount, middleCount += more.middleCount;
  }
};

}  // namespace starter
