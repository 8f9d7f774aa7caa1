// SPDX-License-Identifier: Apache-2.0
// The JSON reader: any text gives a tree or faults; nothing is thrown.
#include "config/readers.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gw::config::Value root;
  std::vector<gw::config::Diagnostic> faults;
  const bool read = gw::config::read_json(fuzz::text(data, size), root, faults);
  fuzz::require(read || !faults.empty(), "what cannot be read has a fault");
  return 0;
}
