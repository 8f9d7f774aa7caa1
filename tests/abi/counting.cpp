// SPDX-License-Identifier: Apache-2.0
// A plugin for tests/scenarios/counts_test.cpp: counts with each kind of metric, with labels that
// are hard to write down, and under a name of the gateway's own.
#include <gatewright/plugin.hpp>

namespace {

struct counting {
  static constexpr auto name = "counting";
  static constexpr int priority = 50;
  static constexpr auto schema = R"({"type": "object", "properties": {}})";

  explicit counting(gw::config c)
      : label(c.header_id("X-Label")),
        seen(c.counter("test_seen_total", "Values \"seen\",\nby label \\ place.", {"value", "at"})),
        level(c.gauge("test_level", "A level.")),
        sizes(c.histogram("test_size_bytes", "Sizes.", {0.5, 10, 2e9}, {"kind"})),
        not_its_own(c.counter("gatewright_requests_total", "Another meaning.", {"x"})) {}

  gw::action on_request(gw::request r) const {
    seen.with({r.header(label), "a\nb"}).add(1);
    level.set(-3);
    for (const double size : {0.25, 7.0, 8.0, 3e9}) sizes.with({"small"}).observe(size);
    not_its_own.with({"y"}).add(1);
    return gw::next;
  }

  gw::hid label;
  gw::metric seen, level, sizes, not_its_own;
};

}  // namespace

GW_PLUGIN(counting)
