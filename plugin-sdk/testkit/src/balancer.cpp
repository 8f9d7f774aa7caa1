// SPDX-License-Identifier: Apache-2.0
// gw.plugin.balancer/1: plugins that choose targets.
#include "gatewright/host/balancer.h"

#include "gatewright/testkit/exchange.hpp"

namespace gw::test {

exchange::link* exchange::balancer(const gw_plugin_balancer*& table) {
  for (auto& l : chain_) {
    const gw_plugin_desc& desc = l->plugin->desc();
    if (desc.get_ext == nullptr) continue;
    table = static_cast<const gw_plugin_balancer*>(desc.get_ext(GW_PLUGIN_BALANCER_EXT));
    if (table != nullptr) return l.get();
  }
  return nullptr;
}

uint32_t exchange::pick(const std::vector<target>& targets, uint32_t attempt,
                        const std::vector<uint32_t>& tried) {
  const gw_plugin_balancer* table = nullptr;
  link* l = balancer(table);
  if (l == nullptr) return GW_PICK_DEFAULT;
  std::vector<gw_target> given;
  for (const auto& one : targets)
    given.push_back({{one.host.data(), one.host.size()}, one.port, one.weight});
  gw_choice choice{};
  choice.size = sizeof choice;
  choice.attempt = attempt;
  choice.upstream = GW_STR("upstream");
  choice.targets = given.data();
  choice.ntargets = static_cast<uint32_t>(given.size());
  choice.tried = tried.data();
  choice.ntried = static_cast<uint32_t>(tried.size());
  const uint32_t before = phase_;
  phase_ = GW_PHASE_UPSTREAM;
  l->self.phase = GW_PHASE_UPSTREAM;
  l->ran = true;
  const uint32_t picked = table->pick(&handle_, &l->self, &choice);
  phase_ = before;
  return picked;
}

void exchange::tell_result(uint32_t target, gw_status state, int32_t status, uint64_t ns) {
  const gw_plugin_balancer* table = nullptr;
  link* l = balancer(table);
  if (l == nullptr || table->result == nullptr) return;
  const uint32_t before = phase_;
  phase_ = GW_PHASE_UPSTREAM;
  l->self.phase = GW_PHASE_UPSTREAM;
  table->result(&handle_, &l->self, target, state, status, ns);
  phase_ = before;
}

}  // namespace gw::test
