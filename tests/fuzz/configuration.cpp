// SPDX-License-Identifier: Apache-2.0
// A whole configuration: any text gives a snapshot or errors; nothing is thrown.
#include <algorithm>
#include <string>

#include "config/snapshot.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using gw::config::Severity;
  gw::config::Source source;
  source.file = "kong.yml";
  source.text = std::string(fuzz::text(data, size));
  const auto loaded = gw::config::load(source);
  const bool errors =
      std::any_of(loaded.diagnostics.begin(), loaded.diagnostics.end(),
                  [](const auto& diagnostic) { return diagnostic.severity == Severity::error; });
  fuzz::require((loaded.snapshot == nullptr) == errors, "a snapshot, or errors");
  return 0;
}
