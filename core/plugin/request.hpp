// SPDX-License-Identifier: Apache-2.0
// Request: one request as plugins see it: what gw_req points to. The exchange owns it, keeps its
// facts up to date and drives the phases through chain.hpp; host_request.cpp answers the ABI's
// calls from it. Everything lives in the arena of the exchange or longer.
#pragma once

#include <gatewright/plugin.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/arena.hpp"
#include "config/snapshot.hpp"
#include "http/message.hpp"
#include "net/tls_verifier.hpp"

namespace gw::plugin {

class BodyFlow;
class Chain;
class Generation;
struct Instance;

enum class Phase : std::uint8_t {
  none = GW_PHASE_NONE,
  rewrite = GW_PHASE_REWRITE,
  request = GW_PHASE_REQUEST,
  request_body = GW_PHASE_REQUEST_BODY,
  upstream = GW_PHASE_UPSTREAM,
  response = GW_PHASE_RESPONSE,
  response_body = GW_PHASE_RESPONSE_BODY,
  log = GW_PHASE_LOG,
};
inline constexpr std::size_t k_phases = 8;

// A header of an answer that a plugin gave.
struct ReplyHeader {
  http::HeaderId id;
  std::string_view name;
  std::string_view value;
};

// What a callback has recorded for the action that it is to return.
enum class Recorded : std::uint8_t { nothing, answer, redispatch };

// What respond() recorded. In the arena.
struct Reply {
  Recorded recorded = Recorded::nothing;  // of the callback that runs, or ran last
  int status = 0;
  std::uint32_t flags = 0;  // GW_PLAIN_JSON, GW_NO_BODY
  std::string_view code;
  std::string_view message;       // null data: the status' default
  std::string_view content_type;  // null data: JSON
  std::string_view body;          // null data: made by the error builder from `message`
  const ReplyHeader* headers = nullptr;
  std::uint32_t header_count = 0;
  std::string_view plugin;  // who answered
};

// What decide() noted. A list, newest first.
struct Decision {
  const Decision* next;
  std::string_view plugin;
  std::int32_t verdict;
  std::string_view code, rule, text;
};

// One attempt to reach a target. Times in ns since the request's first byte.
struct Attempt {
  Attempt* next = nullptr;
  std::string_view host;  // as configured
  std::string_view ip;
  std::uint16_t port = 0;
  int status = 0;           // 0: no head was read
  gw_status state = GW_OK;  // or how it failed
  std::uint64_t start_ns = 0;
  std::uint64_t connect_ns = 0;  // 0: a kept connection
  std::uint64_t end_ns = 0;
};

struct SlotValue {
  void* value = nullptr;
  void (*drop)(void*) = nullptr;
};

// Facts, in the order in which they become known. Empty view with null data: not known.
struct Facts {
  std::string_view scheme{"http"};
  std::string_view path;   // normalised; set() in rewrite replaces it
  bool path_set = false;   // by a plugin: to be normalised again
  std::string_view query;  // null data: none; settable
  std::string_view raw_target;
  std::string_view client_ip, peer_ip;
  std::string_view server_ip;  // once somebody asked for it
  std::uint16_t peer_port = 0, server_port = 0;
  std::string_view forwarded_scheme, forwarded_host;
  std::uint16_t forwarded_port = 0;
  std::string_view request_id;
  std::uint32_t flags = 0;  // GW_F_*
  const config::Route* route = nullptr;
  const config::Service* service = nullptr;
  const net::TlsPeer* client_certificate = nullptr;  // vouched for; the exchange holds it
  std::string_view upstream_path, upstream_host, upstream_scheme, upstream_name;
  bool upstream_host_set = false;  // by a plugin
  std::string_view target_host, target_ip;
  std::uint16_t target_port = 0;
  std::string_view abort_reason, error_code;
  int upstream_status = -1;
  std::uint64_t start_unix_ns = 0;
  std::int64_t ns_request_phase = -1, ns_upstream_sent = -1, ns_upstream_head = -1, ns_total = -1;
  std::uint64_t connection_serial = 0, connection_requests = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0, body_bytes_in = 0, body_bytes_out = 0;
};

// A place where a request may wait for a plugin: its phase, and each body on its own.
struct Paused {
  std::uint64_t token = 0;  // 0: not paused
  std::int64_t value = 0;
  bool resumed = false;
  bool cancelled = false;  // by its deadline
};

// How a plugin takes part in a body (gatewright/body.h).
struct BodyMode {
  static constexpr std::uint8_t k_not_asked = 255;
  std::uint8_t mode = k_not_asked;
  std::uint8_t overflow = GW_OVERFLOW_REFUSE;
  std::uint64_t limit = 0;
};

// What one plugin has asked for.
struct PluginBodies {
  BodyMode request;
  BodyMode response;      // of this answer
  BodyMode any_response;  // of each
  bool had_request;       // it has its place in the request's body
};

// Told by the host when a paused request may go on; implemented by the exchange. Called on the
// loop's thread, never from inside a plugin callback.
struct Resumable {
  virtual void resume() = 0;
  // The same for one of its bodies: request_body or response_body.
  virtual void resume_body(Phase phase) = 0;
  // The local address of the client's connection, for as long as the request; empty when that has
  // gone.
  virtual std::string_view server_ip() = 0;
  // ns since the request's first byte.
  virtual std::uint64_t elapsed_ns() = 0;

 protected:
  ~Resumable() = default;
};

struct Request {
  Request(Arena& a, http::RequestHead& req, http::ResponseHead& res, Resumable& owner);
  ~Request();
  // Ready for the next request; the arena has been reset.
  void clear();

  gw_req abi;  // first: what the plugin's gw_req* points to
  Arena& arena;
  http::RequestHead& request;    // mutated in place: what goes upstream
  http::ResponseHead& response;  // what goes to the client
  Resumable& owner;

  Facts facts;
  Generation* generation = nullptr;  // the exchange holds it alive
  const Chain* chain = nullptr;

  Reply reply;
  const Decision* decisions = nullptr;
  Attempt* attempts = nullptr;  // first
  Attempt* last_attempt = nullptr;
  std::uint32_t attempt_count = 0;

  bool request_head_sent = false;   // request fields can no longer change
  bool response_head_sent = false;  // response fields can no longer change

  // Bodies (bodies.hpp).
  PluginBodies* bodies = nullptr;      // by plugin number; null: nobody has asked for anything
  std::unique_ptr<BodyFlow> flows[2];  // of the request's and the answer's; kept for other requests
  BodyFlow* in_flow = nullptr;         // whose callback runs
  bool body_wanted = false;            // the current callback of `request` wants all of the body
  bool body_gone = false;  // bytes of the request's body have gone by: it can't be sent again
  std::string_view buffered_body;  // all of it, as it goes upstream; null data: not known

  // What redispatch() recorded, and how often it was done.
  config::Index redispatch_to = config::k_none;  // an upstream; none: the present one
  std::uint32_t redispatches = 0;

  // The chain runner's.
  Phase phase = Phase::none;
  const Instance* current = nullptr;  // whose callback runs, or waits
  Phase shown = Phase::none;          // what that callback was told: differs in a buffered body
  std::uint16_t at = 0;               // its entry
  bool at_body = false;        // it waits for the body that it asked for, or in that callback
  void** states = nullptr;     // by plugin number; null: it did not run
  SlotValue* slots = nullptr;  // by slot number
  std::uint32_t slot_count = 0;
  bool clocked = false;           // its callbacks are timed (PluginClock)
  bool identity_changed = false;  // the consumer slot was put; the chain is to be chosen anew
  Paused pause;                   // of the phase
};

}  // namespace gw::plugin
