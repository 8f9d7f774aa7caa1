// SPDX-License-Identifier: Apache-2.0
// Chain: the plugins of one route (and consumer), per phase, as flat arrays made when the
// configuration is made. These functions run one phase over a request; they never call into the
// exchange.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "plugin/request.hpp"

namespace gw::plugin {

// What a phase came to.
enum class Outcome : std::uint8_t {
  next,       // all have run
  wait,       // paused: Resumable::resume() will be called; then call resume_phase()
  wait_body,  // a plugin wants the whole request body (request.body_limit): read it, set
              // buffered_body, call resume_phase()
  respond,    // request.reply is what to answer
  too_big,    // the request body is over the limit of the plugin that wants it: 413
  timeout,    // a plugin did not resume the request in time: 504
  fail,       // a plugin failed: 500
};

struct Instance;  // generation.hpp

struct ChainEntry {
  Instance* instance;
  std::uint16_t rank;  // place of its plugin in the order of all
  union {
    gw_action (*call)(gw_req*, gw_self*);
    gw_action (*body)(gw_req*, gw_self*, const gw_chunk*);
    gw_action (*upstream)(gw_req*, gw_self*, std::uint32_t attempt);
    void (*log)(gw_req*, gw_self*);
  };
};

class PhaseOrder;  // phase_order.hpp

class Chain {
 public:
  // `picked`: one instance of each plugin, in running order.
  Chain(std::span<Instance* const> picked, const PhaseOrder& order);

  std::span<const ChainEntry> phase(Phase p) const {
    const auto i = std::size_t(p);
    return {entries_.get() + begin_[i], entries_.get() + begin_[i + 1]};
  }
  bool has(Phase p) const { return begin_[std::size_t(p)] != begin_[std::size_t(p) + 1]; }
  // Who chooses targets (gw.plugin.balancer/1); null: the host.
  const Instance* balancer() const { return balancer_; }
  // All selected, in order: for the admin side.
  std::span<Instance* const> instances() const { return {instances_.get(), count_}; }

 private:
  std::unique_ptr<ChainEntry[]> entries_;  // of all phases, one behind the other
  std::unique_ptr<Instance*[]> instances_;
  const Instance* balancer_ = nullptr;
  std::uint32_t count_;
  std::uint16_t begin_[k_phases + 1] = {};
};

// rewrite, request, response. Runs from the start. When an auth plugin publishes a consumer, the
// rest of the chain of `request` is swapped for the consumer's.
Outcome run_phase(Request& request, Phase phase);
// Goes on after wait or wait_body.
Outcome resume_phase(Request& request);
// One attempt. next, respond or fail.
Outcome run_upstream(Request& request, std::uint32_t attempt);
// A piece of a body, in the phases request_body and response_body. next or fail.
Outcome run_body(Request& request, Phase phase, std::string_view bytes, bool last);
// What a phase waits for will not come: ends its pause, with on_cancel. For a request that takes
// another way meanwhile (its upstream failed, its body was refused).
void cancel(Request& request);
// The log phase, then what requests must give back (slots, req_free). Always to be called once at
// the end of a request whose chain was set, also of an aborted one; cancels a pause first.
void finish(Request& request);

}  // namespace gw::plugin
