// SPDX-License-Identifier: Apache-2.0
// The part of Generation that chooses which instance of each plugin runs, and makes the flat
// arrays.
#include "plugin/generation.hpp"
#include "shared/names.hpp"

namespace gw::plugin {

using config::Index;
using config::k_none;

namespace {

// Kong's precedence of scopes, the most specific one first. Its place here is the scope's number.
struct ScopeKind {
  bool route, service, consumer;
};
constexpr ScopeKind k_kinds[] = {{true, true, true},   {true, false, true},  {false, true, true},
                                 {true, true, false},  {false, false, true}, {true, false, false},
                                 {false, true, false}, {false, false, false}};
constexpr std::size_t k_global_kind = 7;

std::size_t kind_of(const config::PluginEntry& entry) {
  for (std::size_t i = 0; i < k_global_kind; ++i)
    if (k_kinds[i].route == (entry.route != k_none) &&
        k_kinds[i].service == (entry.service != k_none) &&
        k_kinds[i].consumer == (entry.consumer != k_none))
      return i;
  return k_global_kind;
}

void mix(std::size_t& hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15ull;
  hash ^= hash >> 32;
}

// The callback of an instance in a phase; null when it takes no part.
bool set_callback(ChainEntry& entry, const gw_plugin_desc& desc, Phase phase) {
  switch (phase) {
    case Phase::rewrite:
      return (entry.call = desc.on_rewrite) != nullptr;
    case Phase::request:
      return (entry.call = desc.on_request) != nullptr;
    case Phase::request_body:
      return (entry.body = desc.on_request_body) != nullptr;
    case Phase::upstream:
      return (entry.upstream = desc.on_upstream) != nullptr;
    case Phase::response:
      return (entry.call = desc.on_response) != nullptr;
    case Phase::response_body:
      return (entry.body = desc.on_response_body) != nullptr;
    case Phase::log:
      return (entry.log = desc.on_log) != nullptr;
    case Phase::none:
      break;
  }
  return false;
}

}  // namespace

// --- chains ---

Chain::Chain(std::span<Instance* const> picked, const PhaseOrder& order)
    : instances_(new Instance*[picked.size()]), count_(std::uint32_t(picked.size())) {
  std::copy(picked.begin(), picked.end(), instances_.get());
  const auto balances = [](const Instance* one) { return one->plugin->balancer != nullptr; };
  const auto first = std::find_if(picked.begin(), picked.end(), balances);
  if (first != picked.end()) balancer_ = *first;
  std::vector<ChainEntry> all;
  for (std::size_t i = 1; i < k_phases; ++i) {
    begin_[i] = std::uint16_t(all.size());
    for (Instance* instance : picked) {
      ChainEntry entry{};
      entry.instance = instance;
      entry.rank = order.rank(Phase(i), *instance->plugin);
      const bool global = kind_of(*instance->entry) == k_global_kind;
      if ((Phase(i) != Phase::rewrite || global) &&
          set_callback(entry, instance->plugin->desc, Phase(i)))
        all.push_back(entry);
    }
    std::sort(all.begin() + begin_[i], all.end(),
              [](const ChainEntry& a, const ChainEntry& b) { return a.rank < b.rank; });
  }
  begin_[k_phases] = std::uint16_t(all.size());
  entries_.reset(new ChainEntry[all.size()]);
  std::copy(all.begin(), all.end(), entries_.get());
}

std::size_t Generation::ChainHash::operator()(std::span<Instance* const> picked) const {
  std::size_t hash = picked.size();
  for (const Instance* instance : picked) mix(hash, reinterpret_cast<std::uintptr_t>(instance));
  return hash;
}

std::size_t Generation::ChainHash::operator()(const std::unique_ptr<Chain>& chain) const {
  return (*this)(chain->instances());
}

std::size_t Generation::VariantHash::operator()(const VariantKey& key) const {
  std::size_t hash = reinterpret_cast<std::uintptr_t>(key.from_chain);
  mix(hash, std::uint64_t(key.route) << 32 | key.consumer);
  mix(hash, std::uint64_t(key.rank));
  return hash;
}

const Chain* Generation::intern(const Picked& picked) {
  const std::span<Instance* const> wanted(picked);
  if (const auto known = chains_.find(wanted); known != chains_.end()) return known->get();
  return chains_.insert(std::make_unique<Chain>(wanted, order_)).first->get();
}

// --- scopes ---

// Instances stand in running order, so those of one plugin stand together.
void Generation::index_scopes() {
  const Plugin* last = nullptr;
  for (const auto& instance : instances_) {
    if (instance->plugin != last) scopes_.emplace_back();
    last = instance->plugin;
    const auto& entry = *instance->entry;
    scopes_.back().all.push_back({entry.route, entry.service, entry.consumer, instance.get()});
    scopes_.back().used |= std::uint16_t(1u << kind_of(entry));
  }
  for (auto& scopes : scopes_) std::sort(scopes.all.begin(), scopes.all.end());
}

void Generation::pick(Index route, Index consumer, Picked& out) const {
  const Index service = route == k_none ? k_none : snapshot_->entities.routes[route].service;
  out.clear();
  for (const Scopes& scopes : scopes_) {
    for (std::size_t kind = 0; kind < std::size(k_kinds); ++kind) {
      const auto& [of_route, of_service, of_consumer] = k_kinds[kind];
      const bool known = (scopes.used >> kind & 1) != 0 && (!of_route || route != k_none) &&
                         (!of_service || service != k_none) && (!of_consumer || consumer != k_none);
      if (!known) continue;
      const Scoped wanted{of_route ? route : k_none, of_service ? service : k_none,
                          of_consumer ? consumer : k_none, nullptr};
      const auto found = std::lower_bound(scopes.all.begin(), scopes.all.end(), wanted);
      if (found == scopes.all.end() || wanted < *found) continue;
      out.push_back(found->instance);
      break;
    }
  }
}

void Generation::make_chains() {
  const auto& entities = snapshot_->entities;
  index_scopes();
  consumer_has_entries_.assign(entities.consumers.size(), false);
  for (const auto& instance : instances_)
    if (instance->entry->consumer != k_none)
      consumer_has_entries_[instance->entry->consumer] = true;
  Picked picked;
  pick(k_none, k_none, picked);
  global_chain_ = intern(picked);
  auto& names = host_.environment().region.names();
  route_chains_.reserve(entities.routes.size());
  route_name_ids_.reserve(entities.routes.size());
  for (std::size_t i = 0; i < entities.routes.size(); ++i) {
    pick(Index(i), k_none, picked);
    route_chains_.push_back(intern(picked));
    const auto& route = entities.routes[i];
    route_name_ids_.push_back(i < 1000 ? names.intern(route.name.empty() ? route.id : route.name)
                                       : 0);
  }
}

const Chain& Generation::chain(Index route) const {
  return route == k_none ? *global_chain_ : *route_chains_[route];
}

const Chain& Generation::chain_for_consumer(const Chain& current, Index route, Index consumer,
                                            std::int32_t from) {
  const bool has_own = consumer != k_none && consumer_has_entries_[consumer];
  if (!has_own) consumer = k_none;
  if (!has_own && &current == &chain(route)) return current;
  const Chain*& known = variants_[{&current, route, consumer, from}];
  if (known != nullptr) return *known;
  // What has run stays; what comes later is the consumer's.
  Picked later, picked;
  pick(route, consumer, later);
  const auto late = [&](const Instance* i) { return rank(Phase::request, *i->plugin) > from; };
  std::copy_if(current.instances().begin(), current.instances().end(), std::back_inserter(picked),
               [&](const Instance* i) { return !late(i); });
  std::copy_if(later.begin(), later.end(), std::back_inserter(picked), late);
  known = intern(picked);
  return *known;
}

}  // namespace gw::plugin
