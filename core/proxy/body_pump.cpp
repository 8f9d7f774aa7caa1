// SPDX-License-Identifier: Apache-2.0
// The two bodies of an exchange: from the client to the target and back, each as fast as its
// reader. Bytes are passed on from the buffer that they were read into, through the plugins that
// take part; the faster side is held back when the slower one's queue is full or a plugin waits.
#include "proxy/exchange.hpp"
#include "proxy/forward.hpp"
#include "proxy/worker.hpp"

namespace gw::proxy {

namespace {

// What is handed over at once of a plugin's large piece: the rest waits where it lies, not in a
// connection's queue.
constexpr std::size_t k_slice = 128 * 1024;

}  // namespace

void Exchange::note_held() {
  std::size_t n = held.size();
  for (const auto& flow : seen.flows)
    if (flow != nullptr && flow->begun()) n += flow->held();
  held_bytes.set(n);
}

// --- client to target ---

void Exchange::start_request_body() {
  if (request_flow != nullptr) pump_request();  // what was collected
  if (request_flow != nullptr && request_flow->paused()) return;
  receive_body();
}

// What has come already comes within this, and it may be the end of the connection: half a body and
// then nothing.
void Exchange::receive_body() {
  if (!gone) stream->start_body();
  if (!gone) stream->resume_body();  // it waits since an attempt failed
}

void Exchange::collect_request_body() {
  if (request.body == http::BodyKind::none) {
    seen.flows[GW_REQUEST]->push({}, true);
    return resume();
  }
  receive_body();
}

void Exchange::on_body(std::string_view bytes, bool is_last) {
  seen.facts.body_bytes_in += bytes.size();
  if (step == Step::access) return collect(bytes, is_last);
  if (upstream == nullptr || step < Step::await_head) {  // answered already: nobody wants it
    seen.body_gone = true;
    return;
  }
  if (request_flow != nullptr) {
    request_flow->push(bytes, is_last);
    return pump_request();
  }
  seen.body_gone = true;
  upstream->send_body(bytes, is_last, is_last ? trailers_for_upstream(*this) : nullptr);
  if (!is_last && upstream->congested()) stream->pause_body();
}

void Exchange::collect(std::string_view bytes, bool is_last) {
  plugin::BodyFlow& flow = *seen.flows[GW_REQUEST];
  const std::uint64_t now_serving = serial;
  flow.push(bytes, is_last);
  if (body_wanted) resume();
  if (serial != now_serving || gone) return;
  flow.keep();
  note_held();
  if (!is_last && step < Step::await_head && !body_wanted) stream->pause_body();
}

void Exchange::pump_request() {
  plugin::BodyFlow& flow = *request_flow;
  auto outcome = plugin::Outcome::next;
  while (upstream != nullptr && step >= Step::await_head && !upstream->congested()) {
    outcome = flow.run(seen);
    if (outcome != plugin::Outcome::next) break;
    const auto bytes = flow.front().bytes.substr(0, k_slice);
    const bool is_last = flow.front().last && bytes.size() == flow.front().bytes.size();
    seen.body_gone = true;
    upstream->send_body(bytes, is_last, is_last ? trailers_for_upstream(*this) : nullptr);
    flow.pop(bytes.size());
  }
  flow.keep();
  note_held();
  switch (outcome) {
    case plugin::Outcome::wait_body:
      return stream->resume_body();
    case plugin::Outcome::next:
    case plugin::Outcome::wait:
      // Without a target the rest matters to nobody: it is read, and dropped.
      return upstream != nullptr ? stream->pause_body() : stream->resume_body();
    case plugin::Outcome::timeout:
      fail({504, "plugin_timeout", {}, true});
      return resume();
    default:
      fail({500, "plugin_failed", {}, true});
      return resume();
  }
}

void Exchange::on_upstream_writable() {
  if (gone || stream == nullptr || step < Step::await_head) return;
  if (request_flow != nullptr) return pump_request();
  stream->resume_body();
}

// --- target to client ---

void Exchange::on_upstream_informational() {
  if (stream->congested()) return;  // hints are no reason to queue without a bound
  http::remove_connection_named(response.fields);
  stream->send_informational(response);
}

void Exchange::on_upstream_head(std::string_view piece, bool is_last) {
  auto& facts = seen.facts;
  facts.ns_upstream_head = std::int64_t(elapsed_ns());
  facts.upstream_status = response.status;
  end_attempt(GW_OK, response.status);
  framing.kind = response.body;
  framing.length = response.content_length;
  framing.write_length = response.has_content_length && response.status != 204;
  tunnel = response.status == 101;
  head_pending = true;
  first = piece;
  last = is_last;
  const std::uint64_t now_serving = serial;
  if (is_last) {
    trailers = upstream->trailers();
    finish_upstream();
  }
  resume();
  if (serial == now_serving && !sending) first = arena.copy(first);  // a plugin lets it wait
}

void Exchange::on_upstream_body(std::string_view bytes, bool is_last) {
  if (!sending) {
    held.append(bytes);
    note_held();
    held_last = is_last;
    if (!is_last) return upstream->pause();
    trailers = upstream->trailers();
    return finish_upstream();
  }
  if (is_last) trailers = upstream->trailers();
  if (answer_flow != nullptr) {
    answer_flow->push(bytes, is_last);
    if (is_last) finish_upstream();
    return pump_answer();
  }
  send_next(bytes, is_last);
  if (is_last) return resume();
  if (stream->congested()) upstream->pause();
}

void Exchange::send_answer() {
  sending = true;
  if (!tunnel && !unfiltered && seen.chain->has(plugin::Phase::response_body)) {
    const auto kind = framing_of_answer().kind;
    answer_flow = plugin::begin_response_body(seen, kind, framing.length);
    if (answer_flow != nullptr) return filter_answer(kind != http::BodyKind::none);
  }
  send_first(first, last);
  if (!answer_complete && (!held.empty() || held_last)) send_next(held, held_last);
  held.clear();
  note_held();
  if (upstream != nullptr && !stream->congested()) upstream->resume();
}

void Exchange::filter_answer(bool has_body) {
  if (has_body) {
    answer_flow->push(first, last);
    if (!held.empty() || held_last) answer_flow->push(held, held_last);
    answer_flow->keep();
    held.clear();
  } else {
    answer_flow->push({}, true);
    finish_upstream();
  }
  pump_answer();
}

void Exchange::pump_answer() {
  plugin::BodyFlow& flow = *answer_flow;
  auto outcome = plugin::Outcome::next;
  while (!answer_complete && !stream->congested()) {
    outcome = flow.run(seen);
    if (outcome != plugin::Outcome::next) break;
    const auto bytes = flow.front().bytes.substr(0, k_slice);
    const bool is_last = flow.front().last && bytes.size() == flow.front().bytes.size();
    if (answered)
      send_next(bytes, is_last);
    else
      send_first(bytes, is_last);
    flow.pop(bytes.size());
  }
  flow.keep();
  note_held();
  if (answer_complete) return resume();
  switch (outcome) {
    case plugin::Outcome::wait_body:
      if (!answered && !flow.holds()) send_first({}, false);
      if (upstream != nullptr) upstream->resume();
      return;
    case plugin::Outcome::next:
    case plugin::Outcome::wait:
      if (upstream != nullptr) upstream->pause();
      return;
    default:
      answer_of(outcome);
      return resume();
  }
}

// A plugin may have changed the status since the upstream's head was read (RFC 9110 6.4.1), and
// those that take part in the body its length.
http::ServerStream::Body Exchange::framing_of_answer() const {
  auto body = framing;
  if (tunnel) return body;
  const bool never = response.status == 204 || response.status == 304;
  if (head_asked || never) {
    if (never && body.kind != http::BodyKind::none) return {};
    body.kind = http::BodyKind::none;
    if (plugin::may_change_response_body(seen)) body.write_length = false;
    return body;
  }
  if (answer_flow != nullptr && answer_flow->changes()) {
    const std::int64_t size = answer_flow->rest();
    if (size < 0) return {http::BodyKind::chunked, 0, false};
    return {size > 0 ? http::BodyKind::length : http::BodyKind::none, std::uint64_t(size), true};
  }
  if (body.kind == http::BodyKind::none) return {http::BodyKind::none, 0, true};
  return body;
}

void Exchange::send_first(std::string_view bytes, bool is_last) {
  const auto body = framing_of_answer();
  if (body.kind == http::BodyKind::none) {
    bytes = {};
    is_last = true;
  }
  answered = true;
  seen.response_head_sent = true;
  seen.facts.body_bytes_out += bytes.size();
  stream->send_head(response, body, bytes, is_last, trailers);
  if (is_last) complete_answer();
}

void Exchange::send_next(std::string_view bytes, bool is_last) {
  seen.facts.body_bytes_out += bytes.size();
  stream->send_body(bytes, is_last, trailers);
  if (is_last) complete_answer();
}

void Exchange::complete_answer() {
  answer_complete = true;
  finish_upstream();
}

void Exchange::finish_upstream() {
  leave_peer();
  if (upstream == nullptr) return;
  http::ClientConnection& connection_up = *upstream;
  upstream = nullptr;
  worker.pool.give(connection_up);  // closes it unless the answer was read to its end
}

void Exchange::on_writable() {
  if (answer_complete) return resume();
  if (answer_flow != nullptr) return pump_answer();
  if (upstream != nullptr) upstream->resume();
}

}  // namespace gw::proxy
