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
      state_(context.proxy_protocol ? State::proxy_header : State::waiting),
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
  if (!context.proxy_protocol && !connection->admit(connection->peer_))
    return connection->destroy();
  if (context.tls && !context.proxy_protocol) connection->start_tls();
  connection->stream_.set_read_size(k_head_read);
  connection->stream_.start_reading();
  connection->set_deadline(context.limits.header_timeout);
}

void ServerConnection::start_tls() {
  const net::TlsHello client{{}, peer_ip(), context_.port};
  stream_.start_tls(std::make_unique<net::TlsSession>(context_.tls, client));
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

void ServerConnection::enter(State next) {
  check(k_server_changes.allow(state_, next));
  state_ = next;
  if (reading_) --context_.reading;
  reading_ = false;
}

void ServerConnection::on_read(std::span<const char> bytes) {
  std::string_view input(bytes.data(), bytes.size());
  if (state_ == State::lingering) {
    discarded_ += input.size();
    if (discarded_ > 16 * k_max_discard) destroy();
    return;
  }
  if (state_ == State::proxy_header && context_.tls) return read_proxy_before_tls(input);
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
  if (state_ == State::exchanging && pending_.size() > k_max_discard) stop_reading();
}

void ServerConnection::stop_reading() {
  stream_.stop_reading();
  refresh_deadline();
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
  if (state_ == State::exchanging && pending_.size() > k_max_discard)
    stop_reading();
  else if (!end_seen_)
    stream_.start_reading();
}

bool ServerConnection::process(std::string_view& input) {
  check(!processing());
  feeding_ = &input;
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
        enter(State::reading_head);
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
  feeding_ = nullptr;
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
  enter(State::waiting);
  if (admit(header.client.value_or(peer_))) return true;
  destroy();
  return false;
}

// A PROXY header stands before the TLS.
void ServerConnection::read_proxy_before_tls(std::string_view input) {
  std::string held = std::move(pending_);
  pending_.clear();
  held.append(input);
  std::string_view rest(held);
  feeding_ = &rest;
  const bool whole = read_proxy(rest);
  feeding_ = nullptr;
  if (doomed_) {
    delete this;
    return;
  }
  if (!whole) {
    pending_ = std::move(held);
    return;
  }
  start_tls();
  if (!rest.empty()) stream_.take_cipher(rest);
}

// --- a request head ---

bool ServerConnection::read_head(std::string_view& input) {
  switch (guard_.look(input, context_.limits.head)) {
    case HeadGuard::Verdict::more:  // heads that come in one piece are not worth counting
      if (!reading_) ++context_.reading;
      reading_ = true;
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
  exchange.stream = this;
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
  body_bytes_ = sent_ = received_ = 0;
  body_started_ = body_paused_ = head_sent_ = chunked_ = close_after_ = tunnel_ = false;
  body_ended_ = false;
  continue_due_ = exchange.request.expect_continue;
  deadline_.clear();
  enter(State::exchanging);
  exchange_ = &exchange;
  exchange.on_request();
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
  else if (awaits_body())
    set_deadline(context_.limits.body_timeout);
  else if (!stream_.reading() && !end_seen_)
    set_deadline(k_look);
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
  if (awaits_body()) return refuse_body(408, "client_body_timeout");
  if (stream_.is_reset()) return lose("client_gone");
  refresh_deadline();
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
  enter(State::lingering);
  pending_.clear();
  held_.set(0);
  discarded_ = 0;
  stream_.shutdown();
  stream_.start_reading();
  set_deadline(k_linger);
}

void ServerConnection::destroy() {
  enter(State::closed);
  stream_.close();
  doomed_ = true;
  if (!processing()) delete this;
}

}  // namespace gw::http
