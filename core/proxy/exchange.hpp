// SPDX-License-Identifier: Apache-2.0
// Exchange: one request and its answer, from the parsed head to the log: all that is known of it,
// in the order in which it becomes known. The steps are in exchange_steps.cpp, the attempts in
// attempts.cpp, the bodies in body_pump.cpp, answers of our own in local_reply.cpp. Taken from the
// worker's pool when a head is complete and given back in the last step; one loop's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "http/client_connection.hpp"
#include "http/server_connection.hpp"
#include "plugin/bodies.hpp"
#include "plugin/chain.hpp"
#include "proxy/runtime.hpp"

namespace gw::proxy {

class Worker;

// The steps of an exchange, in running order.
enum class Step : std::uint8_t {
  rewrite,
  match_route,
  access,
  pick_target,
  connect,
  send_head,
  await_head,
  header_filter,
  stream_bodies,
  log,
  finish,
  count
};

// What a step answers.
enum class Go : std::uint8_t {
  next,  // on to the next step, or to the one that the step has named in exchange.step
  wait,  // somebody will call resume()
  done,  // the exchange has been given back: touch nothing
};

// What stands in the way of an answer: the one error page, log line and counter is made from it.
struct Failure {
  int status;
  std::string_view code;     // reason code: [a-z_]+
  std::string_view message;  // null data: the status' default
  // JSON unless Accept says otherwise, as Kong's router answers; else error_default_type.
  bool json = false;
  std::string_view detail{};  // for the log: what a peer's TLS said
};

// A field of the request for which the gateway speaks upstream. In the arena.
struct Overruled {
  const Overruled* next;
  http::HeaderId id;
  std::string_view value;
};

class Exchange final : public http::ServerExchange,
                       public http::UpstreamUser,
                       private plugin::Resumable {
 public:
  explicit Exchange(Worker& worker);

  // Runs steps until one waits or all are done. Nothing else re-enters.
  void resume() override;
  // Jumps to the answer that a failure makes (before the answer's head is sent), or breaks the
  // exchange off. Returns what a step is to return.
  Go fail(const Failure& failure);
  // The answer that a plugin gave, or an error, by what a phase or a body came to; or the request
  // goes to another target.
  Go answer_of(plugin::Outcome outcome);
  // As before its first request.
  void clear();

  // --- known from the start ---
  Worker& worker;
  std::uint64_t serial = 0;  // counts the requests that this object has served
  Step step = Step::rewrite;
  std::shared_ptr<Runtime> runtime;
  plugin::Request seen;  // what plugins see
  char request_id[32];
  std::uint8_t path_traits = 0;  // of the path in its normal form: what origins read differently
  std::shared_ptr<const net::TlsPeer> client_certificate;  // a fact; may be of an earlier verdict
  bool head_asked = false;  // the client's own method; plugins may change the request's

  // --- known once a route matched ---
  routing::Match match;
  const RouteRuntime* route = nullptr;
  ServiceRuntime* service = nullptr;

  // --- known once a target was picked ---
  const TargetSet* targets = nullptr;  // the service's, or where a plugin has sent it
  std::uint32_t attempt = 0;
  std::uint32_t first_attempt = 0;     // at this destination
  std::vector<upstream::Peer*> tried;  // of it; held until the end
  upstream::Peer* peer = nullptr;      // this attempt's, the last of them
  bool counted = false;                // among those that run at these targets
  bool retried = false;                // among those of them that are retries
  bool connecting = false;             // among those that wait for a connection
  bool chosen = false;                 // a plugin has been asked for this attempt's target
  std::uint32_t choice = 0;            // and its answer
  bool resolving = false;              // a target's name is being looked up
  bool looked_again = false;           // because its addresses do not answer
  std::uint32_t waited_for = 0;        // targets up to here have been looked up for this request
  bool hashed = false;
  std::uint64_t hash = 0;       // of what the upstream hashes on
  std::string_view new_cookie;  // made up for that; null data: none
  http::ClientConnection* upstream = nullptr;
  bool prepared = false;                 // its fields are as they go upstream
  const Overruled* overruled = nullptr;  // what they were, where the gateway has replaced them

  // --- known once there is an answer ---
  bool sending = false;                    // it has passed header_filter
  bool answered = false;                   // its head was sent to the client
  bool unfiltered = false;                 // it is what came of the phase response_body
  http::ServerStream::Body framing;        // of its body
  const http::Fields* trailers = nullptr;  // behind it
  bool tunnel = false;                     // the answer was 101: both bodies are what they like
  std::string_view first;                  // its first piece, until it is sent
  bool last = false;                       // `first` is all of it
  bool head_pending = false;               // a head was read or made, and not sent
  std::string held;                        // pieces that came while a plugin let the head wait
  bool held_last = false;
  bool local = false;            // the answer is our own
  bool answer_complete = false;  // its last byte was handed to the client's connection
  std::string page;              // body of an answer of our own
  bool gone = false;             // the client's connection is no longer there
  bool in_phase = false;         // a plugin phase waits to go on

  // --- body_pump.cpp ---
  // The head went upstream.
  void start_request_body();
  // A plugin waits for the whole request body.
  void collect_request_body();
  void receive_body();
  // The answer has passed header_filter. May come to another answer or attempt: step says so.
  void send_answer();
  void finish_upstream();
  bool body_wanted = false;                  // a plugin waits for the whole request body
  plugin::BodyFlow* request_flow = nullptr;  // through plugins, upstream
  plugin::BodyFlow* answer_flow = nullptr;   // through plugins, to the client
  net::HeldBytes held_bytes;                 // what is kept of both bodies

  void resume_body(plugin::Phase phase) override;
  std::uint64_t elapsed_ns() override;
  std::string_view server_ip() override;
  // What went over the client's connection; while it is there.
  void note_bytes();
  // Whether it is better to wait for a lookup than to try this one again.
  bool may_have_moved(const upstream::Peer& next);
  // The attempt's record: begun when a target was picked, ended by an answer or a failure.
  void begin_attempt(upstream::Peer& with);
  void end_attempt(gw_status state, int status);
  // local_reply.cpp: makes the answer that a plugin recorded, or an error page.
  void make_reply(const plugin::Reply& reply);
  void make_error(const Failure& failure);
  // There is no answer.
  void forget_answer();

 private:
  // http::ServerExchange
  void on_request() override;
  void on_body(std::string_view bytes, bool is_last) override;
  void on_client_gone(std::string_view reason) override;
  void on_body_refused(int status, std::string_view code) override;
  void on_writable() override;
  // http::UpstreamUser
  void on_upstream_connected() override;
  void on_upstream_informational() override;
  void on_upstream_head(std::string_view piece, bool is_last) override;
  void on_upstream_body(std::string_view bytes, bool is_last) override;
  void on_upstream_writable() override;
  void on_upstream_failed(http::UpstreamFailure failure) override;

  void end_tunnel(std::string_view reason);
  // The attempt no longer counts as under way with its peer.
  void leave_peer();
  void forget_peers();
  void suspect_address();
  void note_way(const net::Address& used);
  void on_try_timeout();
  bool may_retry(http::UpstreamFailure failure) const;
  // Drops what there is of an answer, for another attempt.
  void redispatch();
  void next_attempt();
  void collect(std::string_view bytes, bool is_last);
  void pump_request();
  void filter_answer(bool has_body);
  void pump_answer();
  http::ServerStream::Body framing_of_answer() const;
  void send_first(std::string_view bytes, bool is_last);
  void send_next(std::string_view bytes, bool is_last);
  void complete_answer();
  void note_held();
  void make_page(int status, std::string_view type, http::ServerStream::Body body);

  net::Deadline try_deadline_;  // of this attempt, until its head
  bool running_ = false;        // a step is on the stack
  bool resume_due_ = false;     // resume() was called meanwhile
};

}  // namespace gw::proxy
