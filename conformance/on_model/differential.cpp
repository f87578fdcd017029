// SPDX-License-Identifier: MIT
// Random programs as a program of the host: what the model answers to them, or what they are.
//
//   differential_on_model [tell=yes] [release=4.17..4.22|master] [WORD=VALUE]...
//
// The other words are those of a request (<conformance/differential/session.hpp>).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <conformance/differential/session.hpp>
#include <model/xen.hpp>

#include "differential_run.hpp"
#include "standard_output.hpp"

namespace {

using namespace enlighten;
namespace differential = conformance::differential;

struct Options {
  differential::Request request;
  model::Xen_options xen;
  bool tell = false;
};

[[nodiscard]] Options parse(int count, char** words) {
  Options options;
  for (int index = 1; index < count; ++index) {
    const std::string_view option{words[index]};
    const std::size_t middle = option.find('=');
    const std::string_view word = option.substr(0, middle);
    const std::string_view value =
        middle == std::string_view::npos ? std::string_view{} : option.substr(middle + 1);
    const bool known =
        std::ranges::find(differential::request_words, word) != std::end(differential::request_words);
    if (const auto release = model::release_named(value); word == "release" && release) {
      options.xen.release = *release;
    } else if (word == "tell" && value == "yes") {
      options.tell = true;
    } else if (!known || !set(options.request, word, value)) {
      std::fprintf(stderr, "differential_on_model: %s cannot be\n", words[index]);
      std::exit(report::exit_code(report::Verdict::error));
    }
  }
  return options;
}

}  // namespace

int main(int count, char** words) {
  const Options options = parse(count, words);
  conformance::Standard_output output;
  if (options.tell) {
    differential::tell(output, options.request);
    return 0;
  }
  return report::exit_code(conformance::run_on_model(options.request, options.xen, options.request.seed, output));
}
