// The sample file: rows of context + 1 tokens, 16 bits each, little-endian. Bit 15 marks the tokens of a middle,
// bit 14 tokens that nobody shall predict; on a file token it says that the file belongs to the sample before it.
#pragma once
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "row.h"

namespace starter {

struct SpecialIds {
  int sampleStart, padding;
};

class Samples {
 public:
  Samples(const std::string& path, int context, SpecialIds special, float middleWeight)
      : context_(context), special_(special), middleWeight_(middleWeight) {
    FILE* file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) throw std::runtime_error("cannot read " + path);
    std::fseek(file, 0, SEEK_END);
    tokens_.resize(static_cast<size_t>(std::ftell(file)) / 2);
    std::rewind(file);
    const size_t read = std::fread(tokens_.data(), 2, tokens_.size(), file);
    std::fclose(file);
    if (read != tokens_.size()) throw std::runtime_error("cannot read all of " + path);
  }

  size_t rows() const { return tokens_.size() / (context_ + 1); }

  Row row(size_t index) const {
    const uint16_t* from = &tokens_[index * (context_ + 1)];
    Row row;
    int start = 0;
    for (int position = 0; position < context_; position++) {
      const int input = from[position] & 0x3fff, target = from[position + 1] & 0x3fff;
      if (input == special_.sampleStart && (from[position] & 0x4000) == 0) start = position;
      row.inputs.push_back(input);
      row.targets.push_back(target);
      row.sampleStart.push_back(start);
      const bool middle = (from[position + 1] & 0x8000) != 0;
      const bool ignored = target == special_.padding || target == special_.sampleStart ||
                           (from[position + 1] & 0x4000) != 0;
      row.inMiddle.push_back(middle && !ignored);
      row.weights.push_back(ignored ? 0 : middle ? middleWeight_ : 1);
    }
    return row;
  }

 private:
  int context_;
  SpecialIds special_;
  float middleWeight_;
  std::vector<uint16_t> tokens_;
};

}  // namespace starter
