// Matrix products in bfloat16 through oneDNN, one object per thread.
#pragma once
#include <cstdint>
#include <map>
#include <tuple>
#include <unordered_map>

#include <dnnl.hpp>

namespace starter {

using bf16 = uint16_t;

inline bf16 toBf16(float value) {
  union { float number; uint32_t bits; } view{value};
  return static_cast<bf16>((view.bits + 0x7fff + ((view.bits >> 16) & 1)) >> 16);
}

inline float toFloat(bf16 value) {
  union { uint32_t bits; float number; } view{static_cast<uint32_t>(value) << 16};
  return view.number;
}

// A matrix in memory: `step` elements from one row to the next. A transposed operand is read as its transpose.
struct Operand {
  const bf16* data;
  int step;
  bool transposed = false;
};

// Computes C = A B or C += A B with single-threaded oneDNN primitives, made once for each shape.
class Gemm {
 public:
  Gemm() : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {}

  void toFloats(int rows, int columns, int inner, Operand a, Operand b, float* c, int step, bool accumulate = false) {
    run(rows, columns, inner, a, b, c, step, dnnl::memory::data_type::f32, accumulate);
  }

  void toBf16s(int rows, int columns, int inner, Operand a, Operand b, bf16* c, int step) {
    run(rows, columns, inner, a, b, c, step, dnnl::memory::data_type::bf16, false);
  }

 private:
  using Key = std::tuple<int, int, int, int, int, int, int>;
  struct Entry {
    dnnl::matmul primitive;
    dnnl::memory a, b, c;
  };

  void run(int rows, int columns, int inner, Operand a, Operand b, void* c, int step, dnnl::memory::data_type type,
           bool accumulate) {
    const int flags = (a.transposed ? 1 : 0) | (b.transposed ? 2 : 0) | (accumulate ? 4 : 0) |
                      (type == dnnl::memory::data_type::f32 ? 8 : 0);
    const Key key{rows, columns, inner, a.step, b.step, step, flags};
    auto found = entries_.find(key);
    if (found == entries_.end()) found = entries_.emplace(key, make(key, type)).first;
    Entry& entry = found->second;
    entry.a.set_data_handle(const_cast<bf16*>(a.data));
    entry.b.set_data_handle(const_cast<bf16*>(b.data));
    entry.c.set_data_handle(c);
    entry.primitive.execute(stream_, {{DNNL_ARG_SRC, entry.a}, {DNNL_ARG_WEIGHTS, entry.b}, {DNNL_ARG_DST, entry.c}});
    stream_.wait();
  }

  Entry make(const Key& key, dnnl::memory::data_type type) {
    const auto [rows, columns, inner, aStep, bStep, cStep, flags] = key;
    const auto half = dnnl::memory::data_type::bf16;
    const dnnl::memory::desc a({rows, inner}, half, strides(aStep, flags & 1));
    const dnnl::memory::desc b({inner, columns}, half, strides(bStep, flags & 2));
    const dnnl::memory::desc c({rows, columns}, type, strides(cStep, false));
    dnnl::primitive_attr attributes;
    if (flags & 4) {
      dnnl::post_ops sum;
      sum.append_sum(1.0f);
      attributes.set_post_ops(sum);
    }
    const dnnl::matmul::primitive_desc description(dnnl::matmul::desc(a, b, c), attributes, engine_);
    return {dnnl::matmul(description), dnnl::memory(a, engine_, nullptr), dnnl::memory(b, engine_, nullptr),
            dnnl::memory(c, engine_, nullptr)};
  }

  static dnnl::memory::dims strides(int step, bool transposed) {
    return transposed ? dnnl::memory::dims{1, step} : dnnl::memory::dims{step, 1};
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  std::map<Key, Entry> entries_;
};

}  // namespace starter
