// SPDX-License-Identifier: Apache-2.0
// Chain: the plugins of one route (and consumer), per phase, as flat arrays made when the
// configuration is made. These functions run one phase over a request; they never call into the
// exchange.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plugin/request.hpp"

namespace gw::plugin {

// What a phase came to.
enum class Outcome : std::uint8_t {
  next,       // all have run
  wait,       // paused: Resumable::resume() will be called; then call resume_phase()
  wait_body,  // a plugin wants the whole request body (request.body_limit): read it, set
              // buffered_body, call resume_phase()
  respond,    // request.reply is what to answer
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

class Chain {
 public:
  std::span<const ChainEntry> phase(Phase p) const { return phases_[std::size_t(p)]; }
  bool has(Phase p) const { return !phases_[std::size_t(p)].empty(); }
  // All selected, in order: for the admin side.
  std::span<Instance* const> instances() const { return instances_; }

 private:
  friend class Generation;
  std::vector<ChainEntry> phases_[k_phases];
  std::vector<Instance*> instances_;
};

// rewrite, request, response. Runs from the start. When an auth plugin publishes a consumer in
// `request`, the rest of the chain is swapped for the consumer's.
Outcome run_phase(Request& request, Phase phase);
// Goes on after wait or wait_body.
Outcome resume_phase(Request& request);
// One attempt. next, respond or fail.
Outcome run_upstream(Request& request, std::uint32_t attempt);
// A piece of a body, in the phases request_body and response_body. next or fail.
Outcome run_body(Request& request, Phase phase, std::string_view bytes, bool last);
// The log phase, then what requests must give back (req_free, slots). Always to be called once at
// the end of a request whose chain was set, also of an aborted one; cancels a pause first.
void finish(Request& request);

}  // namespace gw::plugin
