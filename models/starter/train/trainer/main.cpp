// Command line of the trainer: `trainer --key value ...`; see train.ts, which builds and calls it.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <string>

#include "trainer.h"

namespace {

using Setter = std::function<void(const char*)>;

template <typename Number>
Setter number(Number& target) {
  return [&target](const char* text) { target = static_cast<Number>(std::atof(text)); };
}

Setter text(std::string& target) {
  return [&target](const char* value) { target = value; };
}

std::map<std::string, Setter> options(starter::Settings& settings) {
  starter::Shape& shape = settings.shape;
  return {
      {"--vocabulary", number(shape.vocabulary)}, {"--width", number(shape.width)}, {"--layers", number(shape.layers)},
      {"--heads", number(shape.heads)}, {"--key-value-heads", number(shape.keyValueHeads)},
      {"--feed-forward", number(shape.feedForward)}, {"--context", number(shape.context)},
      {"--rope-base", number(shape.ropeBase)}, {"--norm-epsilon", number(shape.normEpsilon)},
      {"--sample-start", number(settings.special.sampleStart)}, {"--padding", number(settings.special.padding)},
      {"--samples", text(settings.samples)}, {"--checkpoint", text(settings.checkpoint)},
      {"--threads", number(settings.threads)}, {"--rows-per-step", number(settings.rowsPerStep)},
      {"--minutes", number(settings.minutes)}, {"--steps", number(settings.steps)}, {"--decay", number(settings.decay)},
      {"--middle-weight", number(settings.middleWeight)}, {"--muon-rate", number(settings.rates.muon)},
      {"--adam-rate", number(settings.rates.adam)}, {"--save-every", number(settings.saveEverySeconds)},
      {"--seed", number(settings.seed)}, {"--check-gradient", number(settings.checkGradient)},
      {"--evaluate", number(settings.evaluate)}, {"--write-gradient", text(settings.writeGradient)},
  };
}

}  // namespace

int main(int count, char** arguments) {
  try {
    starter::Settings settings;
    auto known = options(settings);
    for (int index = 1; index + 1 < count; index += 2) {
      const auto option = known.find(arguments[index]);
      if (option == known.end()) throw std::invalid_argument(std::string("unknown option ") + arguments[index]);
      option->second(arguments[index + 1]);
    }
    starter::Trainer trainer(settings);
    if (settings.evaluate) trainer.evaluate();
    else if (settings.checkGradient) trainer.checkGradient();
    else if (!settings.writeGradient.empty()) trainer.writeGradient();
    else trainer.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
