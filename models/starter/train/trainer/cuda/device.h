// Memory of the GPU, matrix products through cuBLAS, and errors as exceptions.
#pragma once
#include <cublas_v2.h>
#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace starter {

using bf16 = __nv_bfloat16;

inline void check(cudaError_t status) {
  if (status != cudaSuccess) throw std::runtime_error(std::string("CUDA: ") + cudaGetErrorString(status));
}

inline void check(cublasStatus_t status) {
  if (status != CUBLAS_STATUS_SUCCESS) throw std::runtime_error("cuBLAS status " + std::to_string(static_cast<int>(status)));
}

// An array on the GPU, of undefined content until it is written.
template <typename Value>
class DeviceArray {
 public:
  explicit DeviceArray(size_t count = 0) { resize(count); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  DeviceArray(DeviceArray&& other) noexcept : data_(other.data_), count_(other.count_) { other.data_ = nullptr, other.count_ = 0; }
  ~DeviceArray() { cudaFree(data_); }

  // Loses what is in it.
  void resize(size_t count) {
    check(cudaFree(data_));
    data_ = nullptr;
    if (count > 0) check(cudaMalloc(reinterpret_cast<void**>(&data_), count * sizeof(Value)));
    count_ = count;
  }

  void upload(const Value* values, size_t count) { check(cudaMemcpy(data_, values, count * sizeof(Value), cudaMemcpyHostToDevice)); }
  void download(Value* values) const { check(cudaMemcpy(values, data_, count_ * sizeof(Value), cudaMemcpyDeviceToHost)); }
  void zero() { check(cudaMemsetAsync(data_, 0, count_ * sizeof(Value))); }

  Value* data() const { return data_; }
  size_t size() const { return count_; }

 private:
  Value* data_ = nullptr;
  size_t count_ = 0;
};

// A row-major matrix on the GPU: `step` elements from one row to the next, `stride` from one matrix of a batch to the
// next. A transposed operand is read as its transpose.
struct Operand {
  const bf16* data;
  int step;
  bool transposed = false;
  long long stride = 0;
};

// Computes C = A B or C += A B, sums in float.
class Gemm {
 public:
  Gemm() { check(cublasCreate(&handle_)); }
  Gemm(const Gemm&) = delete;
  Gemm& operator=(const Gemm&) = delete;
  ~Gemm() { cublasDestroy(handle_); }

  void toFloats(int rows, int columns, int inner, Operand a, Operand b, float* c, int step, bool accumulate = false,
                long long stride = 0, int batch = 1) {
    run(rows, columns, inner, a, b, c, CUDA_R_32F, step, accumulate, stride, batch);
  }

  void toHalves(int rows, int columns, int inner, Operand a, Operand b, bf16* c, int step, long long stride = 0, int batch = 1) {
    run(rows, columns, inner, a, b, c, CUDA_R_16BF, step, false, stride, batch);
  }

 private:
  // cuBLAS thinks in columns: a row-major matrix is its own transpose there, so the product is asked for as B' A'.
  void run(int rows, int columns, int inner, Operand a, Operand b, void* c, cudaDataType type, int step, bool accumulate,
           long long stride, int batch) {
    const float one = 1, before = accumulate ? 1 : 0;
    check(cublasGemmStridedBatchedEx(handle_, b.transposed ? CUBLAS_OP_T : CUBLAS_OP_N, a.transposed ? CUBLAS_OP_T : CUBLAS_OP_N,
                                     columns, rows, inner, &one, b.data, CUDA_R_16BF, b.step, b.stride, a.data, CUDA_R_16BF,
                                     a.step, a.stride, &before, c, type, step, stride, batch, CUBLAS_COMPUTE_32F,
                                     CUBLAS_GEMM_DEFAULT));
  }

  cublasHandle_t handle_ = nullptr;
};

}  // namespace starter
