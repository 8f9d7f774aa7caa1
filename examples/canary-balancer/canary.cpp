// SPDX-License-Identifier: Apache-2.0
// A share of the requests goes to the canary targets, and those that ask for it by a header. When
// one side has no target left, the other serves.
#include <algorithm>
#include <gatewright/plugin.hpp>

struct canary {
  static constexpr auto name = "canary-balancer";
  static constexpr int priority = 100;
  static constexpr auto schema = R"({"type": "object", "required": ["targets"], "properties": {
    "targets": {"type": "array", "minItems": 1, "items": {"type": "string"},
                "description": "host:port of the canary's targets, as the upstream names them"},
    "percent": {"type": "integer", "minimum": 0, "maximum": 100, "default": 10},
    "header": {"type": "string", "default": "X-Canary",
               "description": "a request with `always` or `never` in it decides for itself"}}})";

  explicit canary(gw::config c)
      : targets(c.strings("targets")),
        percent(static_cast<uint32_t>(c.i64("percent"))),
        header(c.header_id(c.str("header"))) {}

  uint32_t pick(gw::request r, const gw::choice& c) const {
    const bool wanted = wants_canary(r);
    const uint32_t first = pick_side(r, c, wanted);
    return first != gw::choice::ours ? first : pick_side(r, c, !wanted);
  }

 private:
  static uint32_t random_below(gw::request r, uint32_t n) {
    uint32_t bits = 0;
    r.host().random(&bits, sizeof bits);
    return bits % n;
  }
  bool wants_canary(gw::request r) const {
    const gw::view asked = r.header(header);
    if (asked == "always") return true;
    return asked != "never" && random_below(r, 100) < percent;
  }
  bool is_canary(const gw_target& target) const {
    const auto text = gw::join(gw::to_view(target.host), ":", std::to_string(target.port));
    return std::find(targets.begin(), targets.end(), text) != targets.end();
  }
  // By weight among the targets of one side that were not tried; `ours` when there are none.
  uint32_t pick_side(gw::request r, const gw::choice& c, bool side) const {
    const auto usable = [&](uint32_t i) {
      return c[i].weight > 0 && !c.tried(i) && is_canary(c[i]) == side;
    };
    uint32_t sum = 0;
    for (uint32_t i = 0; i < c.size(); ++i) sum += usable(i) ? c[i].weight : 0;
    if (sum == 0) return gw::choice::ours;
    uint32_t at = random_below(r, sum);
    for (uint32_t i = 0; i < c.size(); ++i) {
      if (!usable(i)) continue;
      if (at < c[i].weight) return i;
      at -= c[i].weight;
    }
    return gw::choice::ours;
  }

  std::vector<std::string> targets;
  uint32_t percent;
  gw::hid header;
};
GW_PLUGIN(canary)
