// Looking at a model without training it: loss on other rows, and checks of the gradient.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>

#include "trainer.h"

namespace starter {

void Trainer::evaluate() {
  if (!load()) throw std::runtime_error("no checkpoint at " + settings_.checkpoint);
  Losses losses;
  for (size_t first = 0; first < samples_.rows(); first += settings_.rowsPerStep) {
    std::vector<Row> rows;
    const size_t end = std::min(samples_.rows(), first + settings_.rowsPerStep);
    for (size_t index = first; index < end; index++) rows.push_back(samples_.row(index));
    losses.add(backEnd_->computeGradient(rows, 0.0f));
  }
  std::printf("{\"nats\": %.6f, \"tokens\": %.0f}\n", losses.all, losses.allCount);
}

// Output projections start at zero, where half of the gradient is zero too: noise brings all of it to life.
void Trainer::disturb() {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  for (float& weight : state_.weights) weight += 0.02f * normal(random);
  backEnd_->writeState(state_);
}

void Trainer::checkGradient() {
  disturb();
  const std::vector<Row> rows{samples_.row(0)};
  const double weight = totalWeight(rows);
  const float scale = static_cast<float>(1 / weight);
  const LayerOffsets& layer = layout_.layers[0];
  std::vector<float> gradient;
  backEnd_->computeGradient(rows, scale);
  backEnd_->readGradient(gradient);
  for (size_t start : {layer.qkv, layer.attentionOut, layer.gateUp, layer.down, layer.attentionNorm, layout_.lastNorm, size_t{0}}) {
    const State before = state_;
    double slope = 0;
    for (size_t index = start; index < start + 100; index++) slope += gradient[index] * gradient[index];
    const float length = 0.05f / static_cast<float>(std::sqrt(slope) + 1e-12);
    double results[2];
    for (int side = 0; side < 2; side++) {
      for (size_t index = start; index < start + 100; index++) {
        state_.weights[index] = before.weights[index] + (side ? 1 : -1) * length * gradient[index];
      }
      backEnd_->writeState(state_);
      const Losses losses = backEnd_->computeGradient(rows, scale);
      results[side] = (losses.all + (settings_.middleWeight - 1) * losses.middle) / weight;
    }
    state_ = before;
    std::printf("at %zu: gradient %.6g, measured %.6g\n", start, slope * length, (results[1] - results[0]) / 2);
  }
}

void Trainer::writeGradient() {
  disturb();
  const std::vector<Row> rows = nextRows();
  const Losses losses = backEnd_->computeGradient(rows, static_cast<float>(1 / totalWeight(rows)));
  std::vector<float> gradient;
  backEnd_->readGradient(gradient);
  FILE* file = std::fopen(settings_.writeGradient.c_str(), "wb");
  if (file == nullptr) throw std::runtime_error("cannot write " + settings_.writeGradient);
  const bool good = std::fwrite(gradient.data(), sizeof(float), gradient.size(), file) == gradient.size();
  if (std::fclose(file) != 0 || !good) throw std::runtime_error("cannot write " + settings_.writeGradient);
  std::printf("{\"nats\": %.6f, \"tokens\": %.0f}\n", losses.all, losses.allCount);
}

}  // namespace starter
