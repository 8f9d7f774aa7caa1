// SPDX-License-Identifier: Apache-2.0
#include "plugin/bodies.hpp"

#include <algorithm>
#include <utility>

#include "plugin/generation.hpp"
#include "plugin/host.hpp"

namespace gw::plugin {

namespace {

BodyFlow& flow_of(Request& r, std::uint32_t map) {
  auto& flow = r.flows[map];
  if (flow == nullptr)
    flow =
        std::make_unique<BodyFlow>(map == GW_REQUEST ? Phase::request_body : Phase::response_body);
  return *flow;
}

bool had_request(const Request& r, const Plugin& plugin) {
  return r.bodies != nullptr && r.bodies[plugin.index].had_request;
}

BodyMode settled(BodyMode mode, const Plugin& plugin) {
  if (mode.mode == BodyMode::k_not_asked)
    mode.mode = (plugin.desc.flags & GW_P_BODY_ASKED) != 0 ? GW_BODY_NONE : GW_BODY_OBSERVE;
  return mode;
}

void add_to_request(Request& r, const ChainEntry& entry) {
  const Plugin& plugin = *entry.instance->plugin;
  auto& mine = bodies_of(r, plugin);
  mine.had_request = true;
  const BodyMode mode = settled(mine.request, plugin);
  if (mode.mode != GW_BODY_NONE) flow_of(r, GW_REQUEST).add(entry, mode);
}

BodyMode response_mode(const Request& r, const ChainEntry& entry) {
  const Plugin& plugin = *entry.instance->plugin;
  return settled(r.bodies != nullptr ? r.bodies[plugin.index].response : BodyMode{}, plugin);
}

// Its on_request is still to come, so that its mode is not known.
bool comes_later(const Request& r, const Plugin& plugin) {
  const auto entries = r.chain->phase(Phase::request);
  return std::any_of(entries.begin() + std::min<std::ptrdiff_t>(r.at + 1, entries.size()),
                     entries.end(),
                     [&](const ChainEntry& entry) { return entry.instance->plugin == &plugin; });
}

// Runs what can be run of the request phase's part.
Outcome collect(Request& r) {
  BodyFlow& flow = flow_of(r, GW_REQUEST);
  const Outcome outcome = flow.collect(r);
  if (outcome == Outcome::next && flow.whole()) r.buffered_body = flow.collected();
  return outcome;
}

void end_pause(Request& r, BodyFlow& flow) {
  if (!flow.paused()) return;
  Host::current()->pauses().end(flow.pause());
  flow.cancel(r);
}

}  // namespace

PluginBodies& bodies_of(Request& r, const Plugin& plugin) {
  if (r.bodies == nullptr) {
    const std::size_t n = r.generation->plugin_count();
    r.bodies = r.arena.array<PluginBodies>(n);
    std::fill(r.bodies, r.bodies + n, PluginBodies{});
  }
  return r.bodies[plugin.index];
}

Outcome give_request_body(Request& r) {
  if (!std::exchange(r.body_wanted, false)) return collect(r);
  const Plugin& asking = *r.chain->phase(Phase::request)[r.at].instance->plugin;
  const BodyMode& mode = bodies_of(r, asking).request;
  const bool too_long = r.buffered_body.data() == nullptr &&
                        r.request.body == http::BodyKind::length &&
                        r.request.content_length > mode.limit;
  if (too_long && mode.overflow == GW_OVERFLOW_REFUSE) return Outcome::too_big;
  for (const ChainEntry& entry : r.chain->phase(Phase::request_body)) {
    const Plugin& plugin = *entry.instance->plugin;
    if (&plugin != &asking && !had_request(r, plugin) && !comes_later(r, plugin))
      add_to_request(r, entry);
    if (&plugin != &asking) continue;
    add_to_request(r, entry);
    break;
  }
  return collect(r);
}

Outcome give_rest_of_request_body(Request& r) {
  BodyFlow& flow = flow_of(r, GW_REQUEST);
  if (!flow.begun()) return Outcome::next;
  for (const ChainEntry& entry : r.chain->phase(Phase::request_body))
    if (!had_request(r, *entry.instance->plugin)) add_to_request(r, entry);
  return collect(r);
}

BodyFlow* stream_request_body(Request& r) {
  const auto entries = r.chain->phase(Phase::request_body);
  if (entries.empty()) return nullptr;
  BodyFlow& flow = flow_of(r, GW_REQUEST);
  for (const ChainEntry& entry : entries)
    if (!had_request(r, *entry.instance->plugin)) add_to_request(r, entry);
  if (!flow.begun()) return nullptr;
  flow.stream();
  return &flow;
}

void forget_response_body(Request& r) {
  if (const auto& flow = r.flows[GW_RESPONSE]; flow != nullptr) {
    end_pause(r, *flow);
    flow->clear();
  }
  if (r.bodies == nullptr) return;
  for (std::size_t i = 0; i < r.generation->plugin_count(); ++i)
    r.bodies[i].response = r.bodies[i].any_response;
}

BodyFlow* begin_response_body(Request& r, http::BodyKind kind, std::uint64_t length) {
  const auto entries = r.chain->phase(Phase::response_body);
  if (entries.empty()) return nullptr;
  BodyFlow& flow = flow_of(r, GW_RESPONSE);
  flow.clear();
  for (const ChainEntry& entry : entries) {
    BodyMode mode = response_mode(r, entry);
    const bool whole = mode.mode == GW_BODY_BUFFER;
    if (mode.mode == GW_BODY_NONE || (kind == http::BodyKind::none && !whole)) continue;
    // What is known to be too long is not collected to find it out.
    if (whole && kind == http::BodyKind::length && length > mode.limit &&
        mode.overflow == GW_OVERFLOW_REFUSE && !flow.begun())
      mode.limit = 0;
    flow.add(entry, mode);
  }
  return flow.begun() ? &flow : nullptr;
}

bool may_change_response_body(const Request& r) {
  if (r.bodies == nullptr) return false;
  const auto entries = r.chain->phase(Phase::response_body);
  return std::any_of(entries.begin(), entries.end(), [&](const ChainEntry& entry) {
    return response_mode(r, entry).mode >= GW_BODY_MODIFY;
  });
}

void cancel_bodies(Request& r) {
  for (const auto& flow : r.flows)
    if (flow != nullptr) end_pause(r, *flow);
}

}  // namespace gw::plugin
