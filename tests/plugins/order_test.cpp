// SPDX-License-Identifier: Apache-2.0
// The order of all bundled plugins, as a list to be read. A new plugin is one more line here.
#include <algorithm>
#include <filesystem>
#include <gatewright/testkit.hpp>

#include "support/catch.hpp"

namespace {

using Line = std::pair<int, std::string>;

// Kong's numbers for Kong's plugins.
const std::vector<Line> k_order = {
    {100001, "correlation-id"}, {1250, "key-auth"}, {910, "rate-limiting"},
    {14, "opentelemetry"},      {9, "file-log"},    {2, "request-termination"},
};

}  // namespace

TEST_CASE("the bundled plugins run in this order, no two at the same place") {
  gw::test::host host;
  std::vector<Line> found;
  for (const auto& file : std::filesystem::directory_iterator(GATEWRIGHT_PLUGIN_DIR)) {
    const gw_plugin_desc& d = host.describe(file.path());
    CHECK(file.path().filename() == std::string(d.name) + ".so");
    CHECK(std::string(d.version) != "");
    found.emplace_back(d.priority, d.name);
  }
  std::sort(found.rbegin(), found.rend());
  CHECK(found == k_order);
  for (size_t i = 1; i < found.size(); ++i) CHECK(found[i - 1].first > found[i].first);
}
