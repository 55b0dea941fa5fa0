// Looking at a model without training it: loss on other rows, and a check of the gradient.
#include <omp.h>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <random>

#include "trainer.h"

namespace starter {

void Trainer::evaluate() {
  if (!load()) throw std::runtime_error("no checkpoint at " + settings_.checkpoint);
  std::atomic<size_t> next{0};
  std::vector<Losses> losses(settings_.threads);
  inParallel([&](int thread) {
    for (size_t index = next++; index < samples_.rows(); index = next++) {
      const Losses row = workers_[thread]->trainOn(samples_.row(index), weights_.data(), halves_.data(), 0.0f);
      losses[thread].all += row.all, losses[thread].allCount += row.allCount;
    }
  });
  for (size_t thread = 1; thread < losses.size(); thread++) {
    losses[0].all += losses[thread].all, losses[0].allCount += losses[thread].allCount;
  }
  std::printf("{\"nats\": %.6f, \"tokens\": %.0f}\n", losses[0].all, losses[0].allCount);
}

void Trainer::checkGradient() {
  const Row row = samples_.row(0);
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  for (float& weight : weights_) weight += 0.02f * normal(random);
  refreshHalves(0, layout_.count);
  double weight = 0;
  for (float value : row.weights) weight += value;
  omp_set_num_threads(1);
  std::vector<size_t> starts{layout_.layers[0].qkv, layout_.layers[0].attentionOut, layout_.layers[0].gateUp, layout_.layers[0].down,
                             layout_.layers[0].attentionNorm, layout_.lastNorm, 0};
  std::vector<float> gradient;
  workers_[0]->trainOn(row, weights_.data(), halves_.data(), static_cast<float>(1 / weight));
  gradient = workers_[0]->gradient;
  for (size_t start : starts) {
    std::vector<float> before = weights_;
    double slope = 0;
    for (size_t index = start; index < start + 100; index++) slope += gradient[index] * gradient[index];
    const float length = 0.05f / static_cast<float>(std::sqrt(slope) + 1e-12);
    double results[2];
    for (int side = 0; side < 2; side++) {
      for (size_t index = start; index < start + 100; index++) weights_[index] = before[index] + (side ? 1 : -1) * length * gradient[index];
      refreshHalves(0, layout_.count);
      const Losses losses = workers_[0]->trainOn(row, weights_.data(), halves_.data(), static_cast<float>(1 / weight));
      results[side] = (losses.all + (settings_.middleWeight - 1) * losses.middle) / weight;
    }
    weights_ = before;
    std::printf("at %zu: gradient %.6g, measured %.6g\n", start, slope * length, (results[1] - results[0]) / 2);
  }
}

}  // namespace starter
