// SPDX-License-Identifier: Apache-2.0
// Balancer: which address the next attempt goes to. One for each upstream, or service host, of a
// worker's configuration. It keeps a peer for each address of each target, as the resolver knows
// them now, and which of them are up, as the shared health table says; the algorithm chooses.
// The entities must outlive it. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "config/entities.hpp"
#include "net/resolver.hpp"
#include "upstream/algorithm.hpp"
#include "upstream/health.hpp"

namespace gw::upstream {

// What a worker lends to its balancers.
struct Surroundings {
  net::Loop* loop = nullptr;
  net::Resolver* resolver = nullptr;
  shared::HealthTable* health = nullptr;
};

class Balancer {
 public:
  // `policy`: null for a service's host, which is not watched. `seed` is told by the algorithms.
  Balancer(std::vector<Target> targets, const config::Upstream* policy, std::uint64_t seed);
  ~Balancer();
  Balancer(const Balancer&) = delete;
  Balancer& operator=(const Balancer&) = delete;

  // Before everything else. They must outlive it. An upstream's names are looked up now, a
  // service's when somebody asks for it.
  void attach(const Surroundings& surroundings);

  // Takes over what was learnt of the same addresses: their latency, and the way that led to them.
  void learn_from(const Balancer& before);
  // Takes over what the resolver and the health table know by now. To be called before a pick.
  void update();
  // The names are to be looked at again: one was looked up, or an address of it does not answer.
  void look_again() { names_due_ms_ = 0; }
  // While there are no peers: the first target from `from` on whose name is not known, so that it
  // has to be waited for; k_no_target when there is none.
  static constexpr std::uint32_t k_no_target = 0xFFFFFFFF;
  std::uint32_t unknown_target(std::uint32_t from) const;
  bool has_peers() const { return !peers_.empty(); }

  // The next one, not one of `choice.tried` while another is left; null when none is up, or too few
  // are (the threshold of the health checks). hold() it.
  Peer* pick(Choice choice);
  // One of this target's, also when it is down; null when its name does not resolve.
  Peer* pick_of(std::uint32_t target, Choice choice);
  // A peer stays where it is while somebody holds it.
  void hold(Peer& peer) { ++peer.held; }
  void release(Peer& peer) { --peer.held; }

  // An attempt with it begins and ends.
  void begin(Peer& peer);
  void end(Peer& peer);
  // What came of it: an answer's head, or a failure.
  void on_answer(Peer& peer, int status, std::uint64_t ns);
  void on_failure(Peer& peer, Sign sign);
  // By hand, for all workers: of one address of a target ("10.0.0.1:80"), or of all. False: it has
  // no such address.
  bool set_health(std::uint32_t target, std::string_view address, Health health);
  // What a probe has shown, by the limits of the active checks.
  void on_probe(Peer& peer, Sign sign);

  const config::Upstream* policy() const { return policy_; }
  const std::vector<Target>& targets() const { return targets_; }
  const std::vector<Peer*>& peers() const { return peers_; }
  bool below_threshold() const { return below_threshold_; }

  // Requests that are on their way to it now, and how many of them are retries.
  std::uint32_t running = 0;
  std::uint32_t retrying = 0;
  std::uint32_t connecting = 0;
  bool may_run() const;
  bool may_wait() const;
  bool may_retry() const;

  std::uint64_t now_ms() const;

 private:
  // A target's name and what it stood for when the peers were made.
  struct Source {
    bool literal = false;
    bool known = false;
    std::uint64_t version = 0;
  };
  void look_at_names(std::uint64_t now);
  void make_peers();
  std::unique_ptr<Peer> peer_of(std::uint32_t target, const net::Endpoint& endpoint);
  void look_at_health(std::uint64_t now);
  void find_cell(Peer& peer, std::uint64_t now);
  void tell_change(const Peer& peer, std::string_view what, std::string_view why);
  void judge_attempt(Peer& peer, bool failed);
  bool may_eject() const;

  std::vector<Target> targets_;
  const config::Upstream* policy_;
  Surroundings around_;
  std::vector<Source> sources_;
  std::vector<std::unique_ptr<Peer>> all_;
  std::vector<std::unique_ptr<Peer>> retired_;  // somebody may hold them still
  std::vector<Peer*> peers_;                    // of all_
  std::unique_ptr<Algorithm> algorithm_;
  std::uint64_t names_due_ms_ = 0;
  std::uint64_t health_due_ms_ = 0;
  std::uint64_t health_seen_ = 0;
  bool below_threshold_ = false;
  bool ramping_ = false;
  bool told_no_room_ = false;  // in the shared memory, for the health of an address
};

}  // namespace gw::upstream
