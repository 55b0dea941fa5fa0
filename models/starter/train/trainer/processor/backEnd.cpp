// The processor as a back end: rows are shared out to threads, one core each, and their gradients added up.
#include "backEnd.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include "model.h"
#include "optimizer.h"

namespace starter {
namespace {

class Processor : public BackEnd {
 public:
  Processor(const Shape& shape, const Layout& layout, int threads)
      : layout_(layout), optimizer_(shape, layout), state_(layout.count), halves_(layout.count) {
    for (int thread = 0; thread < threads; thread++) {
      workers_.push_back(std::make_unique<Worker>(shape, layout));
      gemms_.push_back(std::make_unique<Gemm>());
    }
  }

  void writeState(const State& state) override {
    state_ = state;
    refreshHalves();
  }

  void readState(State& state) override { state = state_; }

  void readGradient(std::vector<float>& gradient) override { gradient = workers_[0]->gradient; }

  // Rows are a queue: a thread that the machine holds up takes fewer of them.
  Losses computeGradient(const std::vector<Row>& rows, float scale) override {
    std::atomic<size_t> next{0};
    std::vector<Losses> losses(workers_.size());
    inParallel([&](size_t thread) {
      Worker& worker = *workers_[thread];
      std::fill(worker.gradient.begin(), worker.gradient.end(), 0.0f);
      for (size_t index = next++; index < rows.size(); index = next++) {
        losses[thread].add(worker.trainOn(rows[index], state_.weights.data(), halves_.data(), scale));
      }
    });
    float* gradient = workers_[0]->gradient.data();
    inParallel([&](size_t thread) {
      const auto [from, to] = part(thread);
      for (size_t other = 1; other < workers_.size(); other++) {
        const float* more = workers_[other]->gradient.data();
        for (size_t index = from; index < to; index++) gradient[index] += more[index];
      }
    });
    for (size_t thread = 1; thread < losses.size(); thread++) losses[0].add(losses[thread]);
    return losses[0];
  }

  void update(Rates rates, int64_t step) override {
    const float* gradient = workers_[0]->gradient.data();
    std::atomic<size_t> next{0};
    const size_t matrices = layout_.matrices.size();
    inParallel([&](size_t thread) {
      for (size_t job = next++; job < matrices + optimizer_.ranges().size(); job = next++) {
        if (job < matrices) {
          optimizer_.updateMatrix(job, *gemms_[thread], gradient, state_, rates.muon);
        } else {
          const auto [from, to] = optimizer_.ranges()[job - matrices];
          optimizer_.updateRange(from, to, gradient, state_, rates.adam, step);
        }
      }
    });
    refreshHalves();
  }

 private:
  std::pair<size_t, size_t> part(size_t thread) const {
    return {layout_.count * thread / workers_.size(), layout_.count * (thread + 1) / workers_.size()};
  }

  void refreshHalves() {
    inParallel([&](size_t thread) {
      const auto [from, to] = part(thread);
      for (size_t index = from; index < to; index++) halves_[index] = toBf16(state_.weights[index]);
    });
  }

  void inParallel(const std::function<void(size_t)>& work) {
    std::vector<std::thread> threads;
    for (size_t thread = 0; thread < workers_.size(); thread++) {
      threads.emplace_back([thread, &work] {
        omp_set_num_threads(1);
        work(thread);
      });
    }
    for (auto& thread : threads) thread.join();
  }

  const Layout& layout_;
  Optimizer optimizer_;
  State state_;
  std::vector<bf16> halves_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<Gemm>> gemms_;
};

}  // namespace

std::unique_ptr<BackEnd> makeBackEnd(const Shape& shape, const Layout& layout, int threads) {
  return std::make_unique<Processor>(shape, layout, threads);
}

}  // namespace starter
