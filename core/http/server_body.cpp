// SPDX-License-Identifier: Apache-2.0
// The request body's half of a client's connection: its pieces, what a tunnel carries, and the rest
// that nobody wants.
#include "http/server_connection.hpp"

namespace gw::http {

// --- a request body ---

void ServerConnection::start_body() {
  if (body_started_) return;
  body_started_ = true;
  if (continue_due_ && !bytes_wait()) {
    const std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
    send({&line, 1});
  }
  continue_due_ = false;
  if (!body_.complete()) stream_.set_read_size(net::TcpStream::k_any_size);
  refresh_deadline();
  if (!processing()) process_pending();
}

void ServerConnection::pause_body() {
  body_paused_ = true;
  refresh_deadline();
}

void ServerConnection::resume_body() {
  if (!body_paused_) return;
  body_paused_ = false;
  refresh_deadline();
  if (!processing()) process_pending();
}

void ServerConnection::feed_body(std::string_view& input) {
  ServerExchange& exchange = *exchange_;
  while (exchange_ == &exchange && !body_paused_ && !body_ended_ && !doomed_) {
    const std::size_t before = input.size();
    const auto verdict = body_.next(input);
    received_ += before - input.size();
    if (verdict == BodyReader::Verdict::more && !over_body_limit()) break;
    if (verdict == BodyReader::Verdict::refused)
      return refuse_body(refusal_status(body_.refusal()), reason_code(body_.refusal()));
    std::string_view piece;
    if (verdict == BodyReader::Verdict::data) piece = body_.bytes();
    body_bytes_ += piece.size();
    if (over_body_limit()) return refuse_body(413, "body_too_large");
    body_ended_ = body_.complete();
    if (body_ended_) stream_.set_read_size(k_head_read);
    exchange.on_body(piece, body_ended_);
  }
  if (exchange_ != &exchange) return;
  if (end_seen_ && input.empty() && !body_ended_) {
    if (!tunnel_) return lose("client_gone");  // what is missing will not come
    end_tunnel();
  }
  refresh_deadline();
}

void ServerConnection::refuse_body(int status, std::string_view code) {
  close_after_ = body_ended_ = true;
  refresh_deadline();  // nothing is waited for any more
  exchange_->on_body_refused(status, code);
}

// What a chunk announces counts before it has come. A tunnel has no limit.
bool ServerConnection::over_body_limit() const {
  const std::uint64_t most = context_.limits.max_body;
  return most > 0 && !tunnel_ && (body_bytes_ > most || body_.remaining() > most - body_bytes_);
}

// --- a tunnel: what the client sends is a body without end, whatever it is ---

void ServerConnection::start_tunnel() {
  tunnel_ = body_started_ = true;
  body_ended_ = false;
  body_.start(BodyKind::until_close, 0);
  stream_.set_read_size(net::TcpStream::k_any_size);
  if (!processing()) process_pending();  // it ends the tunnel, too, if the client has ended it
}

void ServerConnection::end_tunnel() {
  if (!tunnel_ || body_ended_ || exchange_ == nullptr) return;
  body_ended_ = true;
  exchange_->on_body({}, true);
}

Fields* ServerConnection::request_trailers() { return trailers_of(body_, exchange_->arena); }

// --- the rest of a body, behind an answer that did not wait for it ---

void ServerConnection::discard(std::string_view& input) {
  for (;;) {
    switch (body_.next(input)) {
      case BodyReader::Verdict::more:
        return;
      case BodyReader::Verdict::data:
        discarded_ += body_.bytes().size();
        if (discarded_ <= k_max_discard) break;
        [[fallthrough]];
      case BodyReader::Verdict::refused:
        close_gracefully();
        return;
      case BodyReader::Verdict::done:
        next_request();
        return;
    }
  }
}

}  // namespace gw::http
