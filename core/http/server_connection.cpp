// SPDX-License-Identifier: Apache-2.0
#include "http/server_connection.hpp"

#include "base/check.hpp"
#include "http/proxy_protocol.hpp"

namespace gw::http {

// --- construction, and bytes as they come ---

ServerConnection::ServerConnection(ServerContext& context)
    : context_(context),
      stream_(context.loop, *this),
      deadline_([](void* self) { static_cast<ServerConnection*>(self)->on_deadline(); }, this),
      held_(context.loop) {
  guard_.reset(HeadGuard::Kind::request);
  context.connections.push_back(*this);
  ++context.active;
  if (context.admission != nullptr) context.admission->opened();
  serial_ = ++context.accepted;
}

ServerConnection::~ServerConnection() {
  unlink();
  --context_.active;
  if (context_.admission != nullptr) {
    context_.admission->closed();
    if (counted_) context_.admission->leave(peer_);
  }
  if (context_.on_closed != nullptr) context_.on_closed(context_.on_closed_context);
}

void ServerConnection::accept(ServerContext& context, uv_stream_t* server) {
  auto* connection = new ServerConnection(context);
  if (connection->stream_.accept(server) != 0) {
    delete connection;
    return;
  }
  connection->peer_ = net::Address::of_peer(connection->stream_.fd()).value_or(net::Address{});
  if (context.proxy_protocol)
    connection->state_ = State::proxy_header;
  else if (!connection->admit(connection->peer_))
    return connection->destroy();
  connection->stream_.set_read_size(k_head_read);
  connection->stream_.start_reading();
  connection->set_deadline(context.limits.header_timeout);
}

bool ServerConnection::admit(const net::Address& client) {
  peer_ = client;
  peer_size_ = std::uint8_t(client.format_ip(peer_text_));
  if (context_.admission == nullptr) return true;
  const auto entry = context_.admission->enter(client);
  counted_ = entry == Admission::Entry::counted;
  if (entry == Admission::Entry::refused) context_.factory.turn_away(*this);
  return entry != Admission::Entry::refused;
}

net::Address ServerConnection::local() const {
  return net::Address::of_local(stream_.fd()).value_or(net::Address{});
}

void ServerConnection::on_read(std::span<const char> bytes) {
  std::string_view input(bytes.data(), bytes.size());
  if (state_ == State::lingering) {
    discarded_ += input.size();
    if (discarded_ > 16 * k_max_discard) destroy();
    return;
  }
  if (!pending_.empty()) {
    pending_.append(input);
    process_pending();
  } else if (process(input) && !input.empty()) {
    keep(input);
  }
}

void ServerConnection::keep(std::string_view rest) {
  pending_.append(rest);
  held_.set(pending_.size());
  if (state_ == State::exchanging && pending_.size() > k_max_discard) stream_.stop_reading();
}

void ServerConnection::process_pending() {
  std::string held;
  held.swap(pending_);
  std::string_view input(held);
  if (!process(input)) return;
  if (input.size() == held.size())
    pending_.swap(held);
  else
    pending_.assign(input);
  held_.set(pending_.size());
  if (end_seen_ && state_ != State::exchanging && state_ != State::lingering) return destroy();
  const bool full = state_ == State::exchanging && pending_.size() > k_max_discard;
  if (!full && state_ != State::closed && !end_seen_) stream_.start_reading();
}

bool ServerConnection::process(std::string_view& input) {
  check(!processing_);
  processing_ = true;
  for (bool going = true; going && !doomed_;) {
    switch (state_) {
      case State::proxy_header:
        going = read_proxy(input);
        break;
      case State::waiting:
        if (input.empty()) {
          going = false;
          break;
        }
        state_ = State::reading_head;
        guard_.reset(HeadGuard::Kind::request);
        set_deadline(context_.limits.header_timeout);
        break;
      case State::reading_head:
        going = read_head(input);
        break;
      case State::exchanging:
        going = body_started_ && !body_paused_ && !body_ended_;
        if (going) feed_body(input);
        going = going && state_ != State::exchanging;
        break;
      case State::discarding:
        discard(input);
        going = state_ != State::discarding;
        break;
      case State::lingering:
      case State::closed:
        input = {};
        going = false;
        break;
    }
  }
  processing_ = false;
  if (!doomed_) return true;
  delete this;
  return false;
}

// --- a PROXY header ---

bool ServerConnection::read_proxy(std::string_view& input) {
  if (input.empty()) return false;
  const ProxyHeader header = read_proxy_header(input);
  if (header.verdict == ProxyHeader::Verdict::more) return false;
  if (header.verdict == ProxyHeader::Verdict::refused) {
    destroy();
    return false;
  }
  input.remove_prefix(header.size);
  state_ = State::waiting;
  if (admit(header.client.value_or(peer_))) return true;
  destroy();
  return false;
}

// --- a request head ---

bool ServerConnection::read_head(std::string_view& input) {
  switch (guard_.look(input, context_.limits.head)) {
    case HeadGuard::Verdict::more:
      return false;
    case HeadGuard::Verdict::refused:
      context_.factory.refuse(*this, guard_.refusal());
      return true;
    case HeadGuard::Verdict::complete:
      break;
  }
  const std::string_view head = input.substr(0, guard_.end());
  input.remove_prefix(guard_.end());
  start_exchange(head);
  return true;
}

void ServerConnection::start_exchange(std::string_view head) {
  ServerExchange& exchange = context_.factory.take();
  exchange.connection = this;
  exchange.head_size = head.size();
  exchange.started_ns = context_.loop.now_ns();
  exchange.started_unix_ns = context_.loop.unix_ns();
  const Refusal refusal = parse_request(exchange.arena.copy(head), guard_, exchange.request,
                                        context_.limits.underscores);
  if (refusal != Refusal::none) {
    context_.factory.give(exchange);
    context_.factory.refuse(*this, refusal);
    return;
  }
  ++requests_;
  body_.start(exchange.request.body, exchange.request.content_length);
  body_bytes_ = sent_ = 0;
  body_started_ = body_paused_ = head_sent_ = chunked_ = close_after_ = tunnel_ = false;
  body_ended_ = false;
  continue_due_ = exchange.request.expect_continue;
  deadline_.clear();
  state_ = State::exchanging;
  exchange_ = &exchange;
  exchange.on_request();
}

// --- a request body ---

void ServerConnection::start_body() {
  if (body_started_) return;
  body_started_ = true;
  if (continue_due_ && pending_.empty()) {
    const std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
    send({&line, 1});
  }
  continue_due_ = false;
  if (!body_.complete()) stream_.set_read_size(k_body_read);
  refresh_deadline();
  if (!processing_) process_pending();
}

void ServerConnection::pause_body() { body_paused_ = true; }

void ServerConnection::resume_body() {
  if (!body_paused_) return;
  body_paused_ = false;
  refresh_deadline();
  if (!processing_) process_pending();
}

void ServerConnection::feed_body(std::string_view& input) {
  ServerExchange& exchange = *exchange_;
  while (exchange_ == &exchange && !body_paused_ && !body_ended_ && !doomed_) {
    const auto verdict = body_.next(input);
    if (verdict == BodyReader::Verdict::more && !over_body_limit()) break;
    if (verdict == BodyReader::Verdict::refused) {
      close_after_ = body_ended_ = true;
      exchange.on_body_refused(refusal_status(body_.refusal()), reason_code(body_.refusal()));
      return;
    }
    std::string_view piece;
    if (verdict == BodyReader::Verdict::data) piece = body_.bytes();
    body_bytes_ += piece.size();
    if (over_body_limit()) {
      close_after_ = body_ended_ = true;
      exchange.on_body_refused(413, "body_too_large");
      return;
    }
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
  stream_.set_read_size(k_body_read);
  if (!processing_) process_pending();
  if (end_seen_ && pending_.empty()) end_tunnel();
}

void ServerConnection::end_tunnel() {
  if (!tunnel_ || body_ended_ || exchange_ == nullptr) return;
  body_ended_ = true;
  exchange_->on_body({}, true);
}

const Fields* ServerConnection::request_trailers() { return trailers_of(body_, exchange_->arena); }

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

// --- waiting, and the end ---

void ServerConnection::set_deadline(std::uint64_t ms) {
  if (ms == 0) return deadline_.clear();
  unsent_ = stream_.unsent();
  deadline_.set(context_.loop.deadlines(), ms);
}

void ServerConnection::refresh_deadline() {
  if (broken_ || state_ != State::exchanging) return;
  if (!flushed())
    set_deadline(context_.limits.send_timeout);
  else if (body_started_ && !body_paused_ && !body_.complete() && !tunnel_)
    set_deadline(context_.limits.body_timeout);
  else
    deadline_.clear();
}

void ServerConnection::on_deadline() {
  switch (state_) {
    case State::reading_head:
      context_.factory.refuse(*this, Refusal::header_timeout);
      return;
    case State::exchanging:
      break;
    default:
      destroy();
      return;
  }
  if (broken_) return lose("client_gone");
  if (!flushed()) {
    if (stream_.unsent() < unsent_) return set_deadline(context_.limits.send_timeout);
    return lose("send_timeout");
  }
  close_after_ = body_ended_ = true;
  exchange_->on_body_refused(408, "client_body_timeout");
}

void ServerConnection::on_end() {
  end_seen_ = true;
  if (state_ != State::exchanging) return destroy();
  if (tunnel_) {
    if (pending_.empty()) end_tunnel();
    return;
  }
  // A client that has sent its whole request may close its side and still wants the answer.
  if (!body_.complete() && pending_.empty()) lose("client_gone");
}

void ServerConnection::on_error(int) {
  if (state_ == State::exchanging) return lose("client_gone");
  destroy();
}

void ServerConnection::lose(std::string_view reason) {
  ServerExchange* exchange = exchange_;
  exchange_ = nullptr;
  if (exchange != nullptr) exchange->on_client_gone(reason);
  destroy();
}

void ServerConnection::drain() {
  if (state_ == State::waiting) set_deadline(1000);
}

void ServerConnection::cut(std::string_view reason) { lose(reason); }

void ServerConnection::answer_and_close(std::string_view bytes) {
  send({&bytes, 1});
  close_gracefully();
}

void ServerConnection::close_gracefully() {
  if (broken_) return destroy();
  state_ = State::lingering;
  pending_.clear();
  discarded_ = 0;
  stream_.shutdown();
  stream_.start_reading();
  set_deadline(k_linger);
}

void ServerConnection::destroy() {
  state_ = State::closed;
  stream_.close();
  doomed_ = true;
  if (!processing_) delete this;
}

}  // namespace gw::http
