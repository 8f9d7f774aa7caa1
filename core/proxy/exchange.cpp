// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/text.hpp"
#include "proxy/exchange_steps.hpp"
#include "proxy/forward.hpp"
#include "proxy/worker.hpp"

namespace gw::proxy {

namespace {

// What an exchange keeps of each buffer for its next request. One large body must not be paid for
// as long as the worker lives.
constexpr std::size_t k_kept_capacity = 16 * 1024;

Failure failure_of(http::UpstreamFailure failure) {
  switch (failure) {
    case http::UpstreamFailure::connect_timeout:
    case http::UpstreamFailure::read_timeout:
    case http::UpstreamFailure::send_timeout:
      return {504, reason_code(failure), {}};
    default:
      return {502, reason_code(failure), {}};
  }
}

gw_status state_of(http::UpstreamFailure failure) {
  switch (failure) {
    case http::UpstreamFailure::connect_timeout:
    case http::UpstreamFailure::read_timeout:
    case http::UpstreamFailure::send_timeout:
      return GW_E_TIMEOUT;
    case http::UpstreamFailure::bad_response:
      return GW_E_PROTOCOL;
    default:
      return GW_E_CONNECT;
  }
}

// Whether an operator is to see it: what a client brings about by itself is for `info`, and so is
// what somebody who knew more has told of already.
bool is_news(const Failure& failure) {
  constexpr std::string_view k_told[] = {"overloaded", "plugin_failed", "plugin_timeout",
                                         "route_match_limit"};
  return failure.status >= 500 &&
         std::find(std::begin(k_told), std::end(k_told), failure.code) == std::end(k_told);
}

void log_failure(net::LineLimit& lines, const plugin::Request& seen, const Failure& failure) {
  const auto level = is_news(failure) ? log::Level::warn : log::Level::info;
  if (!lines.allow(level, "request failed", {"reason", failure.code})) return;
  const auto& facts = seen.facts;
  const auto name = [](const auto* entity) -> std::string_view {
    if (entity == nullptr) return {};
    return entity->name.empty() ? entity->id : entity->name;
  };
  const auto ip = facts.target_ip;
  const bool v6 = ip.find(':') != std::string_view::npos;
  const std::string target =
      ip.empty() ? "" : cat(v6 ? "[" : "", ip, v6 ? "]:" : ":", facts.target_port);
  const std::string what =
      failure.detail.empty() ? "request failed" : cat("request failed: ", failure.detail);
  log::write(level, what,
             {{"reason", failure.code},
              {"status", cat(failure.status)},
              {"route", name(facts.route)},
              {"service", name(facts.service)},
              {"target", target},
              {"tries", cat(seen.attempt_count)},
              {"client", facts.client_ip},
              {"request_id", facts.request_id}});
}

}  // namespace

// --- a request begins ---

Exchange::Exchange(Worker& w)
    : ServerExchange(w.loop.blocks()),
      worker(w),
      seen(arena, request, response, *this),
      held_bytes(w.loop),
      try_deadline_([](void* self) { static_cast<Exchange*>(self)->on_try_timeout(); }, this) {}

void Exchange::clear() {
  ++serial;
  forget_peers();
  request.clear();
  response.clear();
  seen.clear();
  arena.reset();
  runtime.reset();
  stream = nullptr;
  step = Step::rewrite;
  match = {};
  route = nullptr;
  service = nullptr;
  attempt = first_attempt = 0;
  path_traits = 0;
  client_certificate.reset();
  targets = nullptr;
  chosen = hashed = false;
  waited_for = 0;
  new_cookie = {};
  resolving = looked_again = prepared = sending = answered = unfiltered = last = head_pending =
      false;
  held_last = local = answer_complete = gone = in_phase = body_wanted = running_ = false;
  resume_due_ = tunnel = false;
  upstream = nullptr;
  overruled = nullptr;
  request_flow = answer_flow = nullptr;
  framing = {};
  trailers = nullptr;
  first = {};
  for (std::string* kept : {&held, &page}) {
    if (kept->capacity() > k_kept_capacity)
      std::string().swap(*kept);
    else
      kept->clear();
  }
  held_bytes.set(0);
}

void Exchange::on_request() {
  head_asked = request.method == http::Method::head;
  runtime = worker.runtime();
  Worker::make_request_id(request_id);
  auto& facts = seen.facts;
  facts.request_id = {request_id, sizeof request_id};
  facts.start_unix_ns = started_unix_ns;
  seen.generation = &runtime->plugins();
  seen.clocked = worker.requests % plugin::PluginClock::k_every == 0;
  seen.chain = &runtime->plugins().chain(config::k_none);
  resume();
}

void Exchange::resume_body(plugin::Phase phase) {
  if (phase == plugin::Phase::response_body)
    pump_answer();
  else if (request_flow != nullptr)
    pump_request();
  else
    resume();  // it is the phase request's
}

void Exchange::resume() {
  if (running_) {
    resume_due_ = true;
    return;
  }
  running_ = true;
  do {
    resume_due_ = false;
    if (advance(*this) == Go::done) return;
  } while (resume_due_);
  running_ = false;
}

std::string_view Exchange::server_ip() {
  if (gone || stream == nullptr) return {};
  auto* text = arena.array<char>(net::Address::k_text);
  return {text, stream->local().format_ip(text)};
}

std::uint64_t Exchange::elapsed_ns() { return worker.loop.now_ns() - started_ns; }

// --- failures: all end here ---

Go Exchange::fail(const Failure& failure) {
  worker.count_error(failure.code);
  log_failure(worker.failure_lines, seen, failure);
  plugin::cancel(seen);  // a phase may wait while the request fails elsewhere
  seen.facts.error_code = failure.code;
  in_phase = body_wanted = resolving = false;
  finish_upstream();
  if (answered) {  // too late for an answer: the client must see that it is broken
    seen.facts.abort_reason = failure.code;
    note_bytes();
    gone = true;
    stream->abort();
    step = Step::log;
    return Go::next;
  }
  make_error(failure);
  step = Step::header_filter;
  return Go::next;
}

Go Exchange::answer_of(plugin::Outcome outcome) {
  const bool in_body = step == Step::stream_bodies;
  const bool filtering = in_body || step == Step::header_filter;
  in_phase = false;
  switch (outcome) {
    case plugin::Outcome::respond:
      finish_upstream();
      make_reply(seen.reply);
      seen.facts.error_code = seen.reply.code;
      if (seen.reply.status >= 400)
        worker.count_error(seen.reply.code.empty() ? "plugin_answer" : seen.reply.code);
      step = Step::header_filter;
      break;
    case plugin::Outcome::redispatch:
      redispatch();
      return Go::next;
    case plugin::Outcome::too_big:
      if (in_body)
        fail({502, "answer_too_large", {}});
      else
        fail({413, "body_too_large", {}});
      break;
    case plugin::Outcome::timeout:
      fail({504, "plugin_timeout", {}, true});
      break;
    default:
      fail({500, "plugin_failed", {}, true});
  }
  // What comes of the response phase is not filtered again, and what comes of a body not at all.
  if (filtering && !gone) {
    prepare_answer(*this);
    step = Step::stream_bodies;
    unfiltered = in_body;
  }
  return Go::next;
}

void Exchange::on_client_gone(std::string_view reason) {
  seen.facts.abort_reason = reason;
  note_bytes();
  gone = true;
  in_phase = body_wanted = resolving = false;
  step = Step::log;
  resume();
}

void Exchange::note_bytes() {
  seen.facts.bytes_in = head_size + stream->bytes_received();
  seen.facts.bytes_out = stream->bytes_sent();
}

void Exchange::on_body_refused(int status, std::string_view code) {
  if (answer_complete) return;  // the rest of the body matters to nobody
  fail({status, code, {}});
  resume();
}

void Exchange::on_upstream_failed(http::UpstreamFailure failure) {
  const bool retry = may_retry(failure);
  const bool had_head = head_pending || answered;
  const std::string detail(upstream->tls_error());
  if (failure == http::UpstreamFailure::connect_failed ||
      failure == http::UpstreamFailure::connect_timeout)
    suspect_address();
  upstream = nullptr;
  if (tunnel && answered) return end_tunnel(reason_code(failure));
  if (!had_head) end_attempt(state_of(failure), 0);
  if (retry) {
    targets->balancer->retrying += !retried;
    retried = true;
    next_attempt();
  } else {
    Failure told = failure_of(failure);
    told.detail = detail;
    fail(told);
  }
  resume();
}

void Exchange::next_attempt() {
  ++attempt;
  leave_peer();
  chosen = false;
  step = Step::pick_target;
  // What the client sends meanwhile belongs to the next attempt.
  if (stream->body_started() && !stream->body_complete()) stream->pause_body();
}

void Exchange::redispatch() {
  finish_upstream();
  forget_answer();
  seen.facts.flags &= ~std::uint32_t{GW_F_LOCAL_REPLY};
  seen.facts.error_code = {};
  ++seen.redispatches;
  if (seen.redispatch_to != config::k_none) {
    forget_peers();
    targets = &runtime->target_set(seen.redispatch_to);
    waited_for = 0;
    looked_again = false;
    hashed = false;
  }
  next_attempt();
  first_attempt = attempt;
}

// A tunnel that idles or breaks: what it carried has an end of its own, or none.
void Exchange::end_tunnel(std::string_view reason) {
  seen.facts.abort_reason = reason;
  answer_complete = true;
  resume();
}

void Exchange::on_upstream_connected() {
  targets->balancer->connecting -= connecting;
  connecting = false;
  seen.last_attempt->connect_ns = elapsed_ns() - seen.last_attempt->start_ns;
  if (peer->alternative) note_way(upstream->destination().address);
  resume();
}

}  // namespace gw::proxy
