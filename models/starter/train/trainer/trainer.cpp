#include "trainer.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <thread>

namespace starter {
namespace {

constexpr char magic[8] = {'G', 'L', 'S', 'T', 'A', 'R', 'T', '1'};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Trainer::Trainer(const Settings& settings)
    : settings_(settings), layout_(settings.shape),
      samples_(settings.samples, settings.shape.context, settings.special, settings.middleWeight),
      optimizer_(settings.shape, layout_), weights_(layout_.count), halves_(layout_.count) {
  settings.shape.check();
  for (int thread = 0; thread < settings.threads; thread++) {
    workers_.push_back(std::make_unique<Worker>(settings.shape, layout_));
    gemms_.push_back(std::make_unique<Gemm>());
  }
  initialize();
}

// Output projections start at zero, so every layer starts as the identity.
void Trainer::initialize() {
  std::mt19937 random(settings_.seed);
  std::normal_distribution<float> normal;
  for (size_t index = 0; index < layout_.layers[0].attentionNorm; index++) weights_[index] = 0.02f * normal(random);
  for (const MatrixPart& part : layout_.matrices) {
    const float scale = 0.7f / std::sqrt(static_cast<float>(part.inputs));
    for (size_t index = 0; index < static_cast<size_t>(part.outputs) * part.inputs; index++) {
      weights_[part.offset + index] = scale * normal(random);
    }
  }
  for (const LayerOffsets& layer : layout_.layers) {
    const size_t width = settings_.shape.width;
    std::fill_n(&weights_[layer.attentionOut], width * width, 0.0f);
    std::fill_n(&weights_[layer.down], width * settings_.shape.feedForward, 0.0f);
    std::fill_n(&weights_[layer.attentionNorm], width, 1.0f);
    std::fill_n(&weights_[layer.feedForwardNorm], width, 1.0f);
  }
  std::fill_n(&weights_[layout_.lastNorm], settings_.shape.width, 1.0f);
  refreshHalves(0, layout_.count);
}

void Trainer::refreshHalves(size_t from, size_t to) {
  for (size_t index = from; index < to; index++) halves_[index] = toBf16(weights_[index]);
}

void Trainer::inParallel(const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < settings_.threads; thread++) {
    threads.emplace_back([thread, &work] {
      omp_set_num_threads(1);
      work(thread);
    });
  }
  for (auto& thread : threads) thread.join();
}

void Trainer::run() {
  if (load()) std::printf("continuing at step %lld\n", static_cast<long long>(steps_));
  std::printf("%zu parameters, %zu rows\n", layout_.count, samples_.rows());
  double last = now(), saved = last, all = 0, middle = 0, allCount = 0, middleCount = 0;
  int64_t tokensBefore = tokens_;
  double reported = last;
  while (progress() < 1) {
    const Losses losses = step();
    const double time = now();
    seconds_ += time - last;
    last = time;
    all += losses.all, middle += losses.middle, allCount += losses.allCount, middleCount += losses.middleCount;
    if (steps_ % 20 == 0) {
      std::printf("step %lld  %.2f Mtokens  %.1f min  loss %.4f  middle %.4f  rate %.3f  %.0f tokens/s\n",
                  static_cast<long long>(steps_), tokens_ / 1e6, seconds_ / 60, all / allCount,
                  middle / std::max(1.0, middleCount), rateNow(), (tokens_ - tokensBefore) / (time - reported));
      std::fflush(stdout);
      all = middle = allCount = middleCount = 0;
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
  std::vector<Row> rows;
  double weight = 0;
  for (int index = 0; index < settings_.rowsPerStep; index++) {
    rows.push_back(samples_.row(nextRow_));
    nextRow_ = (nextRow_ + 1) % samples_.rows();
    for (float value : rows.back().weights) weight += value;
  }
  std::atomic<int> next{0};
  std::vector<Losses> losses(settings_.threads);
  inParallel([&](int thread) {
    Worker& worker = *workers_[thread];
    std::fill(worker.gradient.begin(), worker.gradient.end(), 0.0f);
    for (int index = next++; index < settings_.rowsPerStep; index = next++) {
      const Losses row = worker.trainOn(rows[index], weights_.data(), halves_.data(), static_cast<float>(1 / weight));
      losses[thread].all += row.all, losses[thread].allCount += row.allCount;
      losses[thread].middle += row.middle, losses[thread].middleCount += row.middleCount;
    }
  });
  steps_++;
  tokens_ += static_cast<int64_t>(settings_.rowsPerStep) * settings_.shape.context;
  update(rateNow());
  for (size_t thread = 1; thread < losses.size(); thread++) {
    losses[0].all += losses[thread].all, losses[0].allCount += losses[thread].allCount;
    losses[0].middle += losses[thread].middle, losses[0].middleCount += losses[thread].middleCount;
  }
  return losses[0];
}

void Trainer::update(float rate) {
  float* gradient = workers_[0]->gradient.data();
  inParallel([&](int thread) {
    const size_t from = layout_.count * thread / settings_.threads, to = layout_.count * (thread + 1) / settings_.threads;
    for (size_t other = 1; other < workers_.size(); other++) {
      const float* more = workers_[other]->gradient.data();
      for (size_t index = from; index < to; index++) gradient[index] += more[index];
    }
  });
  std::atomic<size_t> next{0};
  const size_t matrices = layout_.matrices.size();
  inParallel([&](int thread) {
    for (size_t job = next++; job < matrices + optimizer_.ranges().size(); job = next++) {
      if (job < matrices) {
        optimizer_.updateMatrix(job, *gemms_[thread], gradient, weights_.data(), rate * settings_.rates.muon);
      } else {
        const auto [from, to] = optimizer_.ranges()[job - matrices];
        optimizer_.updateRange(from, to, gradient, weights_.data(), rate * settings_.rates.adam, steps_);
      }
    }
  });
  inParallel([&](int thread) {
    refreshHalves(layout_.count * thread / settings_.threads, layout_.count * (thread + 1) / settings_.threads);
  });
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

void Trainer::save() const {
  const std::string temporary = settings_.checkpoint + ".part";
  FILE* file = std::fopen(temporary.c_str(), "wb");
  if (file == nullptr) throw std::runtime_error("cannot write " + temporary);
  const int64_t counts[4] = {steps_, tokens_, static_cast<int64_t>(nextRow_), static_cast<int64_t>(layout_.count)};
  bool good = std::fwrite(magic, 1, 8, file) == 8 && std::fwrite(counts, 8, 4, file) == 4 && std::fwrite(&seconds_, 8, 1, file) == 1;
  for (const auto* values : {&weights_, &optimizer_.first, &optimizer_.second}) {
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
  for (auto* values : {&weights_, &optimizer_.first, &optimizer_.second}) {
    good = good && std::fread(values->data(), sizeof(float), values->size(), file) == values->size();
  }
  std::fclose(file);
  if (!good) throw std::runtime_error(settings_.checkpoint + " is not a checkpoint of this shape");
  steps_ = counts[0], tokens_ = counts[1], nextRow_ = static_cast<size_t>(counts[2]) % samples_.rows();
  refreshHalves(0, layout_.count);
  return true;
}

}  // namespace starter
