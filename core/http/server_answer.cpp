// SPDX-License-Identifier: Apache-2.0
// The answer's half of a client's connection: framing, sending, and what comes after the last byte.
#include "base/check.hpp"
#include "http/date.hpp"
#include "http/server_connection.hpp"

namespace gw::http {

ResponseFraming ServerConnection::frame(const ResponseHead& head, const Body& body) {
  ResponseFraming framing;
  framing.body = body.kind;
  framing.length = body.length;
  framing.write_length = body.write_length;
  if (!head.fields.has(HeaderId::date))
    framing.date = http_date(context_.loop.unix_ns() / 1000000000u);
  if (head.status == 101) {
    close_after_ = true;
    framing.write_length = false;  // RFC 9110 8.6
    return framing;
  }
  const bool http10 = exchange_->request.minor == 0;
  // A body of unknown length: in chunks, or up to the close for HTTP/1.0 (RFC 9112 6.3).
  if (body.kind == BodyKind::chunked || body.kind == BodyKind::until_close)
    framing.body = http10 ? BodyKind::until_close : BodyKind::chunked;
  chunked_ = framing.body == BodyKind::chunked;
  const auto& limits = context_.limits;
  const bool body_left = !body_.complete() && (continue_due_ || body_.kind() != BodyKind::length ||
                                               body_.remaining() > k_max_discard);
  if (framing.body == BodyKind::until_close || !exchange_->request.keep_alive ||
      context_.draining || (end_seen_ && !bytes_wait()) || body_left ||
      limits.keepalive_timeout == 0 ||
      (limits.keepalive_requests > 0 && requests_ >= limits.keepalive_requests) ||
      head.status == 408)
    close_after_ = true;
  framing.close = close_after_;
  framing.keep_alive = http10 && !close_after_;
  return framing;
}

void ServerConnection::send_informational(const ResponseHead& head) {
  if (exchange_->request.minor == 0 || head_sent_) return;
  context_.buffer.clear();
  append_informational(context_.buffer, head);
  const std::string_view bytes = context_.buffer.view();
  send({&bytes, 1});
}

void ServerConnection::send_head(ResponseHead& head, Body body, std::string_view first, bool last,
                                 const Fields* trailers) {
  check(!head_sent_);
  head_sent_ = true;
  const ResponseFraming framing = frame(head, body);
  WriteBuffer& buffer = context_.buffer;
  buffer.clear();
  append_response(buffer, head, framing);
  const bool has_body = body.kind != BodyKind::none;
  if (has_body && chunked_ && !first.empty()) {
    buffer.append_hex(first.size());
    buffer.append("\r\n");
  }
  const std::size_t before = buffer.size();
  if (has_body && chunked_) {
    if (!first.empty()) buffer.append("\r\n");
    if (last) append_last_chunk(buffer, trailers);
  }
  const std::string_view all = buffer.view();
  const std::string_view parts[] = {all.substr(0, before), has_body ? first : std::string_view{},
                                    all.substr(before)};
  send(parts);
  if (head.status == 101) start_tunnel();
}

void ServerConnection::send_body(std::string_view bytes, bool last, const Fields* trailers) {
  if (chunked_) return send_chunk(bytes, last, trailers);
  send({&bytes, 1});
}

void ServerConnection::send_chunk(std::string_view bytes, bool last, const Fields* trailers) {
  WriteBuffer& buffer = context_.buffer;
  buffer.clear();
  if (!bytes.empty()) {
    buffer.append_hex(bytes.size());
    buffer.append("\r\n");
  }
  const std::size_t before = buffer.size();
  if (!bytes.empty()) buffer.append("\r\n");
  if (last) append_last_chunk(buffer, trailers);
  const std::string_view all = buffer.view();
  const std::string_view parts[] = {all.substr(0, before), bytes, all.substr(before)};
  send(parts);
}

void ServerConnection::send(std::span<const std::string_view> parts) {
  if (broken_) return;
  for (const auto part : parts) sent_ += part.size();
  if (stream_.write(parts) != 0) {
    broken_ = true;
    set_deadline(1);  // the exchange is told in a turn of its own, not from within its call
  } else if (!flushed()) {
    refresh_deadline();
  }
}

void ServerConnection::on_drained() {
  if (state_ != State::exchanging) return;
  refresh_deadline();
  exchange_->on_writable();
}

void ServerConnection::done() {
  exchange_ = nullptr;
  if (broken_) return destroy();
  discarded_ = 0;
  if (close_after_ || context_.draining || (end_seen_ && !bytes_wait())) {
    if (body_.complete() && !bytes_wait()) return destroy();
    return close_gracefully();
  }
  if (body_.complete()) {
    next_request();
  } else {
    enter(State::discarding);
    set_deadline(context_.limits.body_timeout);
  }
  if (!processing() && !pending_.empty()) process_pending();
}

void ServerConnection::abort() {
  exchange_ = nullptr;
  stream_.reset();
  destroy();
}

void ServerConnection::next_request() {
  enter(State::waiting);
  if (pending_.empty() && pending_.capacity() > 4096) pending_.shrink_to_fit();
  stream_.set_read_size(k_head_read);
  set_deadline(context_.draining ? 1000 : context_.limits.keepalive_timeout);
}

}  // namespace gw::http
