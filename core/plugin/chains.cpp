// SPDX-License-Identifier: Apache-2.0
// The part of Generation that chooses which instance of each plugin runs, and makes the flat
// arrays.
#include <algorithm>

#include "plugin/generation.hpp"
#include "shared/names.hpp"

namespace gw::plugin {

using config::Index;
using config::k_none;

namespace {

// Kong's precedence of scopes: consumer+route+service, consumer+route, consumer+service,
// route+service, consumer, route, service, global. Higher is more specific.
int specificity(const config::PluginEntry& entry) {
  const bool c = entry.consumer != k_none, r = entry.route != k_none, s = entry.service != k_none;
  if (c && r) return s ? 8 : 7;
  if (c && s) return 6;
  if (r && s) return 5;
  if (c) return 4;
  if (r) return 3;
  return s ? 2 : 1;
}

template <class Callback>
void add_entry(std::vector<ChainEntry>& phase, Instance* instance, std::uint16_t rank,
               Callback ChainEntry::*member, Callback callback) {
  if (callback == nullptr) return;
  ChainEntry entry{};
  entry.instance = instance;
  entry.rank = rank;
  entry.*member = callback;
  phase.push_back(entry);
}

}  // namespace

Generation::Picked Generation::pick(Index route, Index consumer) const {
  const Index service = route == k_none ? k_none : snapshot_->entities.routes[route].service;
  std::vector<Instance*> best(plugin_count_, nullptr);
  for (const auto& instance : instances_) {
    const auto& entry = *instance->entry;
    const bool applies = (entry.route == k_none || entry.route == route) &&
                         (entry.service == k_none || entry.service == service) &&
                         (entry.consumer == k_none || entry.consumer == consumer);
    // Limited to what this request does not have.
    if (!applies || (entry.route != k_none && route == k_none) ||
        (entry.service != k_none && service == k_none) ||
        (entry.consumer != k_none && consumer == k_none))
      continue;
    Instance*& place = best[instance->plugin->index];
    if (place == nullptr || specificity(entry) > specificity(*place->entry)) place = instance.get();
  }
  Picked picked;
  for (const auto& instance : instances_)
    if (best[instance->plugin->index] == instance.get()) picked.push_back(instance.get());
  return picked;
}

std::unique_ptr<Chain> Generation::make_chain(const Picked& picked) const {
  auto chain = std::make_unique<Chain>();
  chain->instances_ = picked;
  const auto phase = [&](Phase p) -> std::vector<ChainEntry>& {
    return chain->phases_[std::size_t(p)];
  };
  for (Instance* instance : picked) {
    const auto& desc = instance->plugin->desc;
    const auto rank_in = [&](Phase p) { return rank(p, *instance->plugin); };
    const auto& scope = *instance->entry;
    const bool global =
        scope.route == k_none && scope.service == k_none && scope.consumer == k_none;
    if (global)
      add_entry(phase(Phase::rewrite), instance, rank_in(Phase::rewrite), &ChainEntry::call,
                desc.on_rewrite);
    add_entry(phase(Phase::request), instance, rank_in(Phase::request), &ChainEntry::call,
              desc.on_request);
    add_entry(phase(Phase::request_body), instance, rank_in(Phase::request_body), &ChainEntry::body,
              desc.on_request_body);
    add_entry(phase(Phase::upstream), instance, rank_in(Phase::upstream), &ChainEntry::upstream,
              desc.on_upstream);
    add_entry(phase(Phase::response), instance, rank_in(Phase::response), &ChainEntry::call,
              desc.on_response);
    add_entry(phase(Phase::response_body), instance, rank_in(Phase::response_body),
              &ChainEntry::body, desc.on_response_body);
    add_entry(phase(Phase::log), instance, rank_in(Phase::log), &ChainEntry::log, desc.on_log);
  }
  for (auto& entries : chain->phases_)
    std::sort(entries.begin(), entries.end(),
              [](const ChainEntry& a, const ChainEntry& b) { return a.rank < b.rank; });
  return chain;
}

void Generation::make_chains() {
  const auto& entities = snapshot_->entities;
  consumer_has_entries_.assign(entities.consumers.size(), false);
  for (const auto& instance : instances_)
    if (instance->entry->consumer != k_none)
      consumer_has_entries_[instance->entry->consumer] = true;
  global_chain_ = make_chain(pick(k_none, k_none));
  auto& names = host_.environment().region.names();
  // Most routes have the same plugins: their chains are the same one.
  for (std::size_t i = 0; i < entities.routes.size(); ++i) {
    auto picked = pick(Index(i), k_none);
    auto& chain = interned_[picked];
    if (!chain) chain = make_chain(picked);
    route_chains_.push_back(chain.get());
    const auto& route = entities.routes[i];
    route_name_ids_.push_back(i < 1000 ? names.intern(route.name.empty() ? route.id : route.name)
                                       : 0);
  }
}

const Chain& Generation::chain(Index route) const {
  return route == k_none ? *global_chain_ : *route_chains_[route];
}

const Chain& Generation::chain_for_consumer(const Chain& current, Index route, Index consumer,
                                            std::uint16_t from) {
  if (!consumer_has_entries_[consumer]) return current;
  const Chain*& known = variants_[{&current, route, consumer, from}];
  if (known != nullptr) return *known;
  // What has run stays; what comes later is the consumer's.
  Picked picked;
  const auto late = [&](const Instance* i) { return rank(Phase::request, *i->plugin) > from; };
  for (Instance* instance : current.instances())
    if (!late(instance)) picked.push_back(instance);
  for (Instance* instance : pick(route, consumer))
    if (late(instance)) picked.push_back(instance);
  auto& chain = interned_[picked];
  if (!chain) chain = make_chain(picked);
  known = chain.get();
  return *known;
}

Index Generation::route_index(const config::Route* route) const {
  return route == nullptr ? k_none : Index(route - snapshot_->entities.routes.data());
}

std::uint32_t Generation::route_name_id(const config::Route* route) const {
  return route == nullptr ? 0 : route_name_ids_[route_index(route)];
}

}  // namespace gw::plugin
