// SPDX-License-Identifier: Apache-2.0
#include "plugin/balancing.hpp"

#include <utility>

#include "base/text.hpp"
#include "plugin/callback.hpp"

namespace gw::plugin {

namespace {

// Runs f as a callback of the chain's balancer, in the phase upstream.
template <class F>
auto call_balancer(Request& r, F&& f) {
  const Phase before = std::exchange(r.phase, Phase::upstream);
  r.request_head_sent = false;  // the head of this attempt
  const auto answer = call(r, *r.chain->balancer(), Phase::upstream, f);
  r.phase = before;
  return answer;
}

}  // namespace

const gw_plugin_balancer* balancer_of(const gw_plugin_desc& desc) {
  constexpr std::uint32_t k_least =
      offsetof(gw_plugin_balancer, result) + sizeof(gw_plugin_balancer::result);
  if (desc.get_ext == nullptr) return nullptr;
  const auto* offered =
      static_cast<const gw_plugin_balancer*>(desc.get_ext(GW_PLUGIN_BALANCER_EXT));
  const bool usable = offered != nullptr && offered->size >= k_least && offered->pick != nullptr;
  return usable ? offered : nullptr;
}

std::optional<std::uint32_t> pick_target(Request& r, const gw_choice& choice) {
  const gw_plugin_balancer& balancer = *r.chain->balancer()->plugin->balancer;
  const std::uint32_t picked = call_balancer(
      r, [&](gw_req* req, gw_self* self) { return balancer.pick(req, self, &choice); });
  if (picked < choice.ntargets || picked == GW_PICK_DEFAULT || picked == GW_PICK_NONE)
    return picked;
  const auto why = cat("it chose target ", picked, " of ", choice.ntargets);
  if (failed(r, why) == Outcome::next) return GW_PICK_DEFAULT;
  return std::nullopt;
}

void tell_result(Request& r, std::uint32_t target, gw_status state, int status, std::uint64_t ns) {
  const gw_plugin_balancer& balancer = *r.chain->balancer()->plugin->balancer;
  if (balancer.result == nullptr) return;
  call_balancer(r, [&](gw_req* req, gw_self* self) {
    balancer.result(req, self, target, state, status, ns);
    return 0;
  });
}

}  // namespace gw::plugin
