// SPDX-License-Identifier: Apache-2.0
// The two bodies of an exchange: from the client to the target and back, each as fast as its
// reader. Bytes are passed on from the buffer that they were read into; the faster side is held
// back when the slower one's queue is full.
#include "proxy/exchange.hpp"
#include "proxy/worker.hpp"

namespace gw::proxy {

// --- client to target ---

void Exchange::start_request_body() {
  connection->start_body();
  connection->resume_body();  // it waits since an attempt failed
}

void Exchange::collect_request_body() {
  if (request.body == http::BodyKind::none) {
    seen.buffered_body = arena.copy({});
    return resume();
  }
  body_wanted = true;
  connection->start_body();
}

void Exchange::on_body(std::string_view bytes, bool is_last) {
  seen.facts.body_bytes_in += bytes.size();
  if (body_wanted) {
    if (collected.size() + bytes.size() > seen.body_limit) {
      fail({413, "body_too_large", {}});
      return resume();
    }
    collected.append(bytes);
    held_bytes.set(collected.size() + held.size());
    if (!is_last) return;
    body_wanted = false;
    seen.buffered_body = arena.copy(collected);
    return resume();
  }
  if (upstream == nullptr || step < Step::await_head) return;  // answered already: nobody wants it
  if (!tunnel && seen.chain->has(plugin::Phase::request_body) &&
      plugin::run_body(seen, plugin::Phase::request_body, bytes, is_last) !=
          plugin::Outcome::next) {
    fail({500, "plugin_failed", {}});
    return resume();
  }
  body_sent = true;
  upstream->send_body(bytes, is_last, is_last ? connection->request_trailers() : nullptr);
  if (!is_last && upstream->congested()) connection->pause_body();
}

void Exchange::on_upstream_writable() {
  if (!gone && connection != nullptr && step >= Step::await_head) connection->resume_body();
}

// --- target to client ---

void Exchange::on_upstream_informational() {
  if (connection->congested()) return;  // hints are no reason to queue without a bound
  http::remove_connection_named(response.fields);
  connection->send_informational(response);
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
  if (serial == now_serving && !answered) first = arena.copy(first);  // a plugin lets it wait
}

void Exchange::on_upstream_body(std::string_view bytes, bool is_last) {
  if (!answered) {
    held.append(bytes);
    held_bytes.set(collected.size() + held.size());
    held_last = is_last;
    if (!is_last) return upstream->pause();
    trailers = upstream->trailers();
    return finish_upstream();
  }
  if (is_last) trailers = upstream->trailers();
  pass_on(bytes, is_last);
  if (is_last || gone) return resume();
  if (connection->congested()) upstream->pause();
}

// A plugin may have changed the status since the upstream's head was read (RFC 9110 6.4.1).
http::ServerConnection::Body Exchange::framing_of_answer() {
  auto body = framing;
  const bool never = response.status == 204 || response.status == 304;
  const bool had_body = body.kind != http::BodyKind::none;
  if (tunnel) return body;
  if (head_asked) return body.kind = http::BodyKind::none, body;
  if (never && had_body) {
    finish_upstream();
    first = {};
    last = true;
    held.clear();
    held_bytes.set(collected.size());
    held_last = false;
    trailers = nullptr;
    body = {};
  } else if (!never && !had_body) {
    body = {http::BodyKind::none, 0, true};
  }
  return body;
}

void Exchange::send_answer() {
  answered = true;
  seen.response_head_sent = true;
  auto body = framing_of_answer();
  if (!tunnel && seen.chain->has(plugin::Phase::response_body) &&
      body.kind != http::BodyKind::none &&
      plugin::run_body(seen, plugin::Phase::response_body, first, last) != plugin::Outcome::next) {
    fail({500, "plugin_failed", {}});
    return;
  }
  if (body.kind != http::BodyKind::none) seen.facts.body_bytes_out += first.size();
  connection->send_head(response, body, first, last, trailers);
  if (last) return complete_answer();
  if (!held.empty() || held_last) {
    pass_on(held, held_last);
    held.clear();
    held_bytes.set(collected.size());
  }
  if (upstream != nullptr && !connection->congested()) upstream->resume();
}

void Exchange::pass_on(std::string_view bytes, bool is_last) {
  if (!tunnel && seen.chain->has(plugin::Phase::response_body) &&
      plugin::run_body(seen, plugin::Phase::response_body, bytes, is_last) !=
          plugin::Outcome::next) {
    fail({500, "plugin_failed", {}});
    return;
  }
  seen.facts.body_bytes_out += bytes.size();
  connection->send_body(bytes, is_last, trailers);
  if (is_last) complete_answer();
}

void Exchange::complete_answer() {
  answer_complete = true;
  finish_upstream();
}

void Exchange::finish_upstream() {
  if (upstream == nullptr) return;
  http::ClientConnection& connection_up = *upstream;
  upstream = nullptr;
  worker.pool.give(connection_up);  // closes it unless the answer was read to its end
}

void Exchange::on_writable() {
  if (answer_complete) return resume();
  if (upstream != nullptr) upstream->resume();
}

}  // namespace gw::proxy
