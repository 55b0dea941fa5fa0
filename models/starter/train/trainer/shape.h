// The model's shape and where each weight lies in one flat array of floats.
#pragma once
#include <cstddef>
#include <stdexcept>
#include <vector>

namespace starter {

struct Shape {
  int vocabulary = 8192;
  int width = 192;
  int layers = 6;
  int heads = 3;
  int keyValueHeads = 1;
  int feedForward = 512;
  int context = 1024;
  float ropeBase = 10000.0f;
  float normEpsilon = 1e-6f;

  int headLength() const { return width / heads; }
  int qkvWidth() const { return width + 2 * headLength(); }

  // The attention kernel reads the query heads of one position as neighbouring rows, which needs one key-value head.
  void check() const {
    if (keyValueHeads != 1) throw std::invalid_argument("the trainer supports one key-value head only");
    if (width % heads != 0 || context % 128 != 0) throw std::invalid_argument("unsupported shape");
  }
};

// Offsets of one layer's weights. Matrices are stored [outputs][inputs].
struct LayerOffsets {
  size_t attentionNorm, qkv, attentionOut, feedForwardNorm, gateUp, down;
};

// One matrix as the optimizer sees it: query, key, value, gate and up count as matrices of their own.
struct MatrixPart {
  size_t offset;
  int outputs, inputs;
};

// Order in the array: embedding; for each layer norm, qkv, output, norm, gate and up, down; last norm.
struct Layout {
  size_t embedding = 0, lastNorm = 0, count = 0;
  std::vector<LayerOffsets> layers;
  std::vector<MatrixPart> matrices;

  explicit Layout(const Shape& shape) {
    const size_t width = shape.width;
    const size_t hidden = shape.feedForward;
    count = static_cast<size_t>(shape.vocabulary) * width;
    auto take = [this](size_t size) {
      const size_t at = count;
      count += size;
      return at;
    };
    for (int layer = 0; layer < shape.layers; layer++) {
      LayerOffsets offsets{};
      offsets.attentionNorm = take(width);
      offsets.qkv = take(width * shape.qkvWidth());
      offsets.attentionOut = take(width * width);
      offsets.feedForwardNorm = take(width);
      offsets.gateUp = take(width * hidden * 2);
      offsets.down = take(width * hidden);
      layers.push_back(offsets);
      addMatrices(shape, offsets);
    }
    lastNorm = take(width);
  }

 private:
  void addMatrices(const Shape& shape, const LayerOffsets& offsets) {
    const int width = shape.width, head = shape.headLength(), hidden = shape.feedForward;
    const size_t row = width;
    matrices.push_back({offsets.qkv, width, width});
    matrices.push_back({offsets.qkv + row * width, head, width});
    matrices.push_back({offsets.qkv + row * (width + head), head, width});
    matrices.push_back({offsets.attentionOut, width, width});
    matrices.push_back({offsets.gateUp, hidden, width});
    matrices.push_back({offsets.gateUp + row * hidden, hidden, width});
    matrices.push_back({offsets.down, width, hidden});
  }
};

}  // namespace starter
