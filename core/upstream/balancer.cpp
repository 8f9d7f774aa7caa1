// SPDX-License-Identifier: Apache-2.0
#include "upstream/balancer.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "shared/sip_hash.hpp"

namespace gw::upstream {

namespace {

// How often names are looked at; the resolver renews them by their TTL.
constexpr std::uint64_t k_names_ms = 500;
// How often cells are marked as used, at least.
constexpr std::uint64_t k_mark_ms = 60000;

std::unique_ptr<Algorithm> make_algorithm(const config::Upstream* policy, std::uint64_t seed) {
  if (policy != nullptr) {
    switch (policy->algorithm) {
      case config::Algorithm::consistent_hashing:
        return make_hash_ring(policy->slots);
      case config::Algorithm::least_connections:
        return make_least_connections();
      case config::Algorithm::latency:
        return make_latency();
      case config::Algorithm::round_robin:
        break;
    }
  }
  return make_round_robin(seed);
}

}  // namespace

Balancer::Balancer(std::vector<Target> targets, const config::Upstream* policy, std::uint64_t seed)
    : targets_(std::move(targets)),
      policy_(policy),
      sources_(targets_.size()),
      algorithm_(make_algorithm(policy, seed)) {}

Balancer::~Balancer() = default;

std::uint64_t Balancer::now_ms() const { return around_.loop->now_ms(); }

void Balancer::attach(const Surroundings& surroundings) {
  around_ = surroundings;
  if (policy_ == nullptr) return;
  for (const Target& target : targets_)
    if (around_.resolver->known(target.host) == nullptr)
      around_.resolver->start_lookup(target.host, [](const net::Resolution*) {});
}

void Balancer::learn_from(const Balancer& before) {
  update();
  std::map<std::string_view, const Peer*> known;
  for (const Peer* peer : before.peers_) known.emplace(peer->name, peer);
  for (Peer* peer : peers_) {
    const auto same = known.find(peer->name);
    if (same == known.end()) continue;
    peer->latency_ms = same->second->latency_ms;
    peer->latency_at = same->second->latency_at;
    peer->by_alternative = same->second->by_alternative && peer->alternative;
  }
}

void Balancer::update() {
  const std::uint64_t now = now_ms();
  if (now >= names_due_ms_) look_at_names(now);
  if (policy_ == nullptr || around_.health == nullptr) return;
  if (now >= health_due_ms_ || around_.health->version() != health_seen_) look_at_health(now);
}

// --- names ---

void Balancer::look_at_names(std::uint64_t now) {
  bool named = false, changed = false;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    Source& source = sources_[i];
    if (source.literal) continue;
    const net::Resolution* known = around_.resolver->known(targets_[i].host);
    const std::uint64_t version = known != nullptr ? known->version : 0;
    source.literal = known != nullptr && version == net::Resolution::k_literal;
    named |= !source.literal;
    changed |= version != source.version || (known != nullptr) != source.known;
    source.version = version;
    source.known = known != nullptr;
    // In the background, beside others that are known; else a request waits for it.
    if (known == nullptr && targets_.size() > 1)
      around_.resolver->start_lookup(targets_[i].host, [](const net::Resolution*) {});
  }
  names_due_ms_ = named ? now + k_names_ms : ~0ull;
  if (changed) make_peers();
}

std::uint32_t Balancer::unknown_target(std::uint32_t from) const {
  for (std::size_t i = from; i < sources_.size(); ++i)
    if (!sources_[i].known && targets_[i].weight > 0) return std::uint32_t(i);
  return k_no_target;
}

// Those that stay keep what is known of them.
void Balancer::make_peers() {
  std::erase_if(retired_, [](const auto& peer) { return peer->held == 0; });
  std::vector<std::unique_ptr<Peer>> made;
  for (std::uint32_t i = 0; i < targets_.size(); ++i) {
    const net::Resolution* known = around_.resolver->known(targets_[i].host);
    if (known == nullptr) continue;
    for (const net::Endpoint& endpoint : known->endpoints) made.push_back(peer_of(i, endpoint));
  }
  for (auto& left : all_)
    if (left != nullptr && left->held > 0) retired_.push_back(std::move(left));
  all_ = std::move(made);
  peers_.clear();
  for (const auto& peer : all_) {
    peer->index = std::uint32_t(peers_.size());
    peers_.push_back(peer.get());
  }
  algorithm_->set_peers(peers_);
  health_due_ms_ = 0;
}

std::unique_ptr<Peer> Balancer::peer_of(std::uint32_t index, const net::Endpoint& endpoint) {
  const Target& target = targets_[index];
  const auto with_port = [&](net::Address address) {
    if (address.port() == 0) address.set_port(target.port);
    return address;
  };
  const net::Address address = with_port(endpoint.address);
  const auto same = [&](const auto& peer) {
    return peer != nullptr && peer->target_index == index && peer->address == address;
  };
  const auto old = std::find_if(all_.begin(), all_.end(), same);
  auto peer = old != all_.end() ? std::move(*old) : std::make_unique<Peer>();
  peer->weight = endpoint.weight > 0 && target.weight > 0 ? endpoint.weight : target.weight;
  peer->srv_name = endpoint.name;
  peer->alternative.reset();
  if (endpoint.alternative) peer->alternative = with_port(*endpoint.alternative);
  peer->by_alternative = peer->by_alternative && peer->alternative;
  if (peer->target != nullptr) return peer;
  peer->target = &target;
  peer->target_index = index;
  peer->address = address;
  const bool v6 = address.is_v6();
  peer->name = cat(v6 ? "[" : "", address.ip(), v6 ? "]:" : ":", address.port());
  if (policy_ != nullptr) peer->key = health_key(policy_->id, target, peer->name);
  return peer;
}

// --- health ---

std::uint64_t health_key(std::string_view upstream_id, const Target& target,
                         std::string_view address) {
  return ring_hash(cat(upstream_id, "|", target.host, ":", target.port, "|", address)) | 1;
}

void Balancer::find_cell(Peer& peer, std::uint64_t now) {
  if (peer.health != nullptr && peer.health->key.load(std::memory_order_acquire) == peer.key) {
    peer.health->used_ms.store(now, std::memory_order_relaxed);
    return;
  }
  peer.health = around_.health->cell(peer.key, now);
  if (peer.health != nullptr || std::exchange(told_no_room_, true)) return;
  log::warn("shared_memory_size leaves no room for the health of an address: it counts as healthy",
            {{"upstream", policy_->name}, {"address", peer.name}});
}

void Balancer::look_at_health(std::uint64_t now) {
  health_seen_ = around_.health->version();
  health_due_ms_ = now + k_mark_ms;
  std::uint64_t all = 0, available = 0;
  bool changed = false;
  ramping_ = false;
  for (Peer* peer : peers_) {
    find_cell(*peer, now);
    all += peer->weight;
    bool up = true;
    if (peer->health != nullptr) {
      const std::uint64_t ejected = peer->health->ejected_until_ms.load(std::memory_order_acquire);
      if (ejected > now) health_due_ms_ = std::min(health_due_ms_, ejected);
      up = health_of(*peer->health) == Health::healthy && ejected <= now;
      const std::uint64_t back =
          std::max(ejected, peer->health->since_ms.load(std::memory_order_acquire));
      peer->ramp_until = back > 0 ? back + policy_->slow_start : 0;
      ramping_ |= up && peer->ramp_until > now;
    }
    if (up) available += peer->weight;
    changed |= up != peer->up;
    peer->up = up;
  }
  const double threshold = policy_->healthchecks.threshold;
  below_threshold_ = threshold > 0 && all > 0 && 100 * double(available) <= threshold * double(all);
  if (changed) algorithm_->set_peers(peers_);
}

// --- choosing ---

Peer* Balancer::pick(Choice choice) {
  if (below_threshold_) return nullptr;
  choice.now_ms = now_ms();
  if (policy_ != nullptr) choice.most_active = policy_->limits.connections;
  if (ramping_) choice.slow_start = policy_->slow_start;
  Peer* peer = algorithm_->pick(choice);
  if (peer == nullptr && choice.slow_start > 0) {
    choice.slow_start = 0;
    peer = algorithm_->pick(choice);
  }
  if (peer != nullptr || choice.tried.empty()) return peer;
  choice.again = true;
  return algorithm_->pick(choice);
}

Peer* Balancer::pick_of(std::uint32_t target, Choice choice) {
  Peer* best = nullptr;
  const auto tried = [&](const Peer* peer) {
    return std::find(choice.tried.begin(), choice.tried.end(), peer) != choice.tried.end();
  };
  const auto better = [&](const Peer* a, const Peer* b) {
    if (a->up != b->up) return a->up;
    if (tried(a) != tried(b)) return tried(b);
    return a->active < b->active;
  };
  for (Peer* peer : peers_)
    if (peer->target_index == target && (best == nullptr || better(peer, best))) best = peer;
  return best;
}

void Balancer::begin(Peer& peer) {
  ++peer.active;
  algorithm_->on_active(peer);
}

void Balancer::end(Peer& peer) {
  --peer.active;
  algorithm_->on_active(peer);
}

// --- limits ---

bool Balancer::may_run() const {
  return policy_ == nullptr || policy_->limits.requests == 0 || running < policy_->limits.requests;
}

bool Balancer::may_wait() const {
  return policy_ == nullptr || policy_->limits.pending == 0 || connecting < policy_->limits.pending;
}

bool Balancer::may_retry() const {
  if (policy_ == nullptr || policy_->retry_budget.percent < 0) return true;
  const double share = policy_->retry_budget.percent / 100 * double(running);
  return double(retrying) < std::max(share, double(policy_->retry_budget.least));
}

// --- what came of an attempt ---

void Balancer::on_answer(Peer& peer, int status, std::uint64_t ns) {
  algorithm_->on_answer(peer, ns, now_ms());
  if (peer.health == nullptr) return;
  const config::Check& check = policy_->healthchecks.passive;
  const bool by_status = check.type != config::CheckType::tcp;
  // As Kong: a 504 is somebody's timeout behind the target.
  const Sign sign = !by_status      ? Sign::success
                    : status == 504 ? Sign::timeout
                                    : sign_of(status, check);
  if (check.watches() && report(*peer.health, sign, check, now_ms()))
    tell_change(peer, to_text(health_of(*peer.health)), cat("answers of status ", status));
  judge_attempt(peer, status >= 500);
}

void Balancer::on_failure(Peer& peer, Sign sign) {
  if (peer.health == nullptr) return;
  const config::Check& check = policy_->healthchecks.passive;
  if (check.watches() && report(*peer.health, sign, check, now_ms()))
    tell_change(peer, to_text(health_of(*peer.health)),
                sign == Sign::timeout ? "timeouts" : "broken connections");
  judge_attempt(peer, true);
}

void Balancer::on_probe(Peer& peer, Sign sign) {
  if (peer.health == nullptr) return;
  if (report(*peer.health, sign, policy_->healthchecks.active, now_ms()))
    tell_change(peer, to_text(health_of(*peer.health)), "probes");
}

bool Balancer::set_health(std::uint32_t target, std::string_view address, Health health) {
  update();
  bool found = false;
  for (Peer* peer : peers_) {
    if (peer->target_index != target || peer->health == nullptr) continue;
    if (!address.empty() && peer->name != address) continue;
    found = true;
    if (health == Health::healthy) peer->health->ejected_until_ms.store(0);
    upstream::set_health(*peer->health, health, now_ms());
    tell_change(*peer, to_text(health), "by hand");
  }
  return found;
}

void Balancer::judge_attempt(Peer& peer, bool failed) {
  if (!policy_->ejection.watches()) return;
  if (!judge(*peer.health, failed, policy_->ejection, now_ms()) || !may_eject()) return;
  eject(*peer.health, policy_->ejection, now_ms());
  tell_change(peer, "ejected", "failing answers");
}

bool Balancer::may_eject() const {
  const auto out = std::count_if(peers_.begin(), peers_.end(), [&](const Peer* peer) {
    return peer->health != nullptr && is_ejected(*peer->health, now_ms());
  });
  return 100 * double(out + 1) <= policy_->ejection.most * double(peers_.size());
}

void Balancer::tell_change(const Peer& peer, std::string_view what, std::string_view why) {
  around_.health->changed();
  log::write(what == "healthy" ? log::Level::notice : log::Level::warn, "a target's health changed",
             {{"upstream", policy_->name},
              {"target", cat(peer.target->host, ":", peer.target->port)},
              {"address", peer.name},
              {"health", what},
              {"why", why}});
}

}  // namespace gw::upstream
