// SPDX-License-Identifier: Apache-2.0
#include "plugin/host_body.hpp"

#include "plugin/bodies.hpp"
#include "plugin/generation.hpp"

namespace gw::plugin {

namespace {

constexpr std::uint64_t k_default_limit = 1 << 20;
constexpr std::uint32_t k_max_redispatches = 8;

Request& of(gw_req* r) { return *reinterpret_cast<Request*>(r); }

// Whether the request, as its target has seen it, can be sent once more.
bool can_be_sent_again(const Request& r) {
  return !r.body_gone || r.request.body == http::BodyKind::none ||
         r.buffered_body.data() != nullptr;
}

config::Index upstream_by_name(const Request& r, std::string_view name) {
  const auto& all = r.generation->snapshot().entities.upstreams;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].name == name) return config::Index(i);
  return config::k_none;
}

}  // namespace

gw_status body_mode(gw_req* req, std::uint32_t map, std::uint32_t mode, std::uint64_t limit,
                    std::uint32_t overflow) noexcept {
  Request& r = of(req);
  if (map > GW_RESPONSE || mode > GW_BODY_BUFFER || overflow > GW_OVERFLOW_PASS)
    return GW_E_INVALID;
  const bool requesting = r.phase == Phase::request;
  const bool allowed = requesting || (map == GW_RESPONSE && r.phase == Phase::response);
  if (!allowed || r.in_flow != nullptr || r.current == nullptr) return GW_E_STATE;
  const Plugin& plugin = *r.current->plugin;
  const bool called = map == GW_REQUEST ? plugin.desc.on_request_body != nullptr
                                        : plugin.desc.on_response_body != nullptr;
  if (!called) return GW_E_UNSUPPORTED;
  PluginBodies& mine = bodies_of(r, plugin);
  const BodyMode asked{std::uint8_t(mode), std::uint8_t(overflow),
                       limit > 0 ? limit : k_default_limit};
  if (map == GW_REQUEST) {
    if (mine.had_request) return GW_E_STATE;
    mine.request = asked;
    r.body_wanted = mode == GW_BODY_BUFFER;
    return GW_OK;
  }
  mine.response = asked;
  if (requesting) mine.any_response = asked;
  return GW_OK;
}

gw_status body_emit(gw_req* req, std::uint32_t map, gw_str bytes, void (*release)(void*),
                    void* ud) noexcept {
  Request& r = of(req);
  if (map > GW_RESPONSE) return GW_E_INVALID;
  if (r.in_flow == nullptr || r.in_flow != r.flows[map].get() || !r.in_flow->emits())
    return GW_E_STATE;
  r.in_flow->emit(from_abi(bytes), release, ud);
  return GW_OK;
}

gw_status redispatch(gw_req* req, gw_str upstream) noexcept {
  Request& r = of(req);
  const bool open = r.phase == Phase::response && !r.response_head_sent;
  if (!open || r.attempt_count == 0 || r.response.status == 101 || !can_be_sent_again(r))
    return GW_E_STATE;
  if (r.redispatches >= k_max_redispatches) return GW_E_TOOBIG;
  config::Index to = config::k_none;
  if (upstream.p != nullptr) {
    to = upstream_by_name(r, from_abi(upstream));
    if (to == config::k_none) return GW_E_NOTFOUND;
  }
  r.redispatch_to = to;
  r.reply.recorded = Recorded::redispatch;
  return GW_OK;
}

}  // namespace gw::plugin
