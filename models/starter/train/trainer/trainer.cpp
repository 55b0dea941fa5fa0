#include "trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>

namespace starter {
namespace {

constexpr char magic[8] = {'G', 'L', 'S', 'T', 'A', 'R', 'T', '1'};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

double totalWeight(const std::vector<Row>& rows) {
  double weight = 0;
  for (const Row& row : rows) {
    for (float value : row.weights) weight += value;
  }
  return weight;
}

Trainer::Trainer(const Settings& settings)
    : settings_(settings), layout_(settings.shape),
      samples_(settings.samples, settings.shape.context, settings.special, settings.middleWeight), state_(layout_.count) {
  settings.shape.check();
  backEnd_ = makeBackEnd(settings_.shape, layout_, settings.threads);
  initialize();
}

// Output projections start at zero, so every layer starts as the identity.
void Trainer::initialize() {
  std::mt19937 random(settings_.seed);
  std::normal_distribution<float> normal;
  std::vector<float>& weights = state_.weights;
  for (size_t index = 0; index < layout_.layers[0].attentionNorm; index++) weights[index] = 0.02f * normal(random);
  for (const MatrixPart& part : layout_.matrices) {
    const float scale = 0.7f / std::sqrt(static_cast<float>(part.inputs));
    for (size_t index = 0; index < static_cast<size_t>(part.outputs) * part.inputs; index++) {
      weights[part.offset + index] = scale * normal(random);
    }
  }
  for (const LayerOffsets& layer : layout_.layers) {
    const size_t width = settings_.shape.width;
    std::fill_n(&weights[layer.attentionOut], width * width, 0.0f);
    std::fill_n(&weights[layer.down], width * settings_.shape.feedForward, 0.0f);
    std::fill_n(&weights[layer.attentionNorm], width, 1.0f);
    std::fill_n(&weights[layer.feedForwardNorm], width, 1.0f);
  }
  std::fill_n(&weights[layout_.lastNorm], settings_.shape.width, 1.0f);
  backEnd_->writeState(state_);
}

void Trainer::run() {
  if (load()) std::printf("continuing at step %lld\n", static_cast<long long>(steps_));
  std::printf("%zu parameters, %zu rows\n", layout_.count, samples_.rows());
  double last = now(), saved = last;
  Losses sum;
  int64_t tokensBefore = tokens_;
  double reported = last;
  while (progress() < 1) {
    const Losses losses = step();
    const double time = now();
    seconds_ += time - last;
    last = time;
    sum.add(losses);
    if (steps_ % 20 == 0) {
      std::printf("step %lld  %.2f Mtokens  %.1f min  loss %.4f  middle %.4f  rate %.3f  %.0f tokens/s\n",
                  static_cast<long long>(steps_), tokens_ / 1e6, seconds_ / 60, sum.all / sum.allCount,
                  sum.middle / std::max(1.0, sum.middleCount), rateNow(), (tokens_ - tokensBefore) / (time - reported));
      std::fflush(stdout);
      sum = {};
      tokensBefore = tokens_;
      reported = time;
    }
    if (time - saved > settings_.saveEverySeconds) {
      save();
      saved = time;
    }
  }
  save();
}

Losses Trainer::step() {
  const std::vector<Row> rows = nextRows();
  const Losses losses = backEnd_->computeGradient(rows, static_cast<float>(1 / totalWeight(rows)));
  steps_++;
  tokens_ += static_cast<int64_t>(settings_.rowsPerStep) * settings_.shape.context;
  const float rate = rateNow();
  backEnd_->update({rate * settings_.rates.muon, rate * settings_.rates.adam}, steps_);
  return losses;
}

std::vector<Row> Trainer::nextRows() {
  std::vector<Row> rows;
  for (int index = 0; index < settings_.rowsPerStep; index++) {
    rows.push_back(samples_.row(nextRow_));
    nextRow_ = (nextRow_ + 1) % samples_.rows();
  }
  return rows;
}

// The part of the budget that is used up, by time or by steps.
double Trainer::progress() const {
  return std::max(seconds_ / (settings_.minutes * 60), static_cast<double>(steps_) / settings_.steps);
}

// Up over the first 100 steps, constant, then down to a twentieth in a straight line.
float Trainer::rateNow() const {
  const double warm = std::min(1.0, (steps_ + 1) / 100.0);
  const double left = std::max(0.0, 1 - progress());
  return static_cast<float>(warm * std::max(0.05, std::min(1.0, left / settings_.decay)));
}

void Trainer::save() {
  backEnd_->readState(state_);
  const std::string temporary = settings_.checkpoint + ".part";
  FILE* file = std::fopen(temporary.c_str(), "wb");
  if (file == nullptr) throw std::runtime_error("cannot write " + temporary);
  const int64_t counts[4] = {steps_, tokens_, static_cast<int64_t>(nextRow_), static_cast<int64_t>(layout_.count)};
  bool good = std::fwrite(magic, 1, 8, file) == 8 && std::fwrite(counts, 8, 4, file) == 4 && std::fwrite(&seconds_, 8, 1, file) == 1;
  for (const auto* values : {&state_.weights, &state_.first, &state_.second}) {
    good = good && std::fwrite(values->data(), sizeof(float), values->size(), file) == values->size();
  }
  if (std::fclose(file) != 0 || !good) throw std::runtime_error("cannot write " + temporary);
  if (std::rename(temporary.c_str(), settings_.checkpoint.c_str()) != 0) throw std::runtime_error("cannot rename " + temporary);
}

bool Trainer::load() {
  FILE* file = std::fopen(settings_.checkpoint.c_str(), "rb");
  if (file == nullptr) return false;
  char start[8];
  int64_t counts[4];
  bool good = std::fread(start, 1, 8, file) == 8 && std::memcmp(start, magic, 8) == 0 && std::fread(counts, 8, 4, file) == 4 &&
              counts[3] == static_cast<int64_t>(layout_.count) && std::fread(&seconds_, 8, 1, file) == 1;
  for (auto* values : {&state_.weights, &state_.first, &state_.second}) {
    good = good && std::fread(values->data(), sizeof(float), values->size(), file) == values->size();
  }
  std::fclose(file);
  if (!good) throw std::runtime_error(settings_.checkpoint + " is not a checkpoint of this shape");
  steps_ = counts[0], tokens_ = counts[1], nextRow_ = static_cast<size_t>(counts[2]) % samples_.rows();
  backEnd_->writeState(state_);
  return true;
}

}  // namespace starter
