// SPDX-License-Identifier: Apache-2.0
#include "http/client_connection.hpp"

#include <array>

#include "base/check.hpp"
#include "base/text.hpp"

namespace gw::http {

namespace {

constexpr std::array<std::string_view, 8> k_failures{
    "connect_failed", "connect_timeout", "tls_failed",   "send_failed",
    "send_timeout",   "read_timeout",    "bad_response", "body_cut"};

}  // namespace

std::string_view reason_code(UpstreamFailure failure) { return k_failures[std::size_t(failure)]; }

// --- a connection ---

ClientConnection::ClientConnection(net::Loop& loop, WriteBuffer& buffer,
                                   const Destination& destination)
    : stream_(loop, *this),
      deadline_([](void* self) { static_cast<ClientConnection*>(self)->on_deadline(); }, this),
      buffer_(buffer),
      address_(destination.address),
      server_name_(destination.server_name),
      held_(loop) {
  if (destination.tls != nullptr) tls_ = destination.tls->shared_from_this();
  if (destination.alternative != nullptr) alternative_ = *destination.alternative;
}

std::string_view ClientConnection::tls_error() const {
  return stream_.tls() != nullptr ? std::string_view(stream_.tls()->error()) : std::string_view{};
}

void ClientConnection::enter(State next) {
  check(k_client_changes.allow(state_, next));
  state_ = next;
}

void ClientConnection::connect(UpstreamUser& user, const ClientLimits& limits) {
  user_ = &user;
  limits_ = limits;
  if (tls_)
    stream_.start_tls(std::make_unique<net::TlsSession>(
        tls_, server_name_, cat(address_.ip(), ":", address_.port(), "/", server_name_)));
  if (stream_.connect(address_, alternative_ ? &*alternative_ : nullptr) != 0) broken_ = true;
  set_deadline();
}

void ClientConnection::on_connected(int status) {
  if (stream_.used_alternative()) address_ = *alternative_;
  if (status != 0)
    return fail(tls_error().empty() ? UpstreamFailure::connect_failed
                                    : UpstreamFailure::tls_failed);
  enter(State::ready);
  stream_.start_reading();
  user_->on_upstream_connected();
}

void ClientConnection::reuse(UpstreamUser& user, const ClientLimits& limits) {
  enter(State::ready);
  unlink();
  keeper_ = nullptr;
  user_ = &user;
  limits_ = limits;
}

// --- the request ---

void ClientConnection::send_request(const RequestLine& line, const RequestHead& head,
                                    ResponseHead& into, Arena& arena, std::string_view first,
                                    bool last) {
  enter(State::awaiting_head);
  ++requests_;
  head_ = &into;
  arena_ = &arena;
  asked_ = head.method;
  upgrade_ = line.upgrade;
  received_ = 0;
  interim_ = 0;
  answer_begun_ = paused_ = surplus_ = false;
  request_sent_ = last;
  chunked_ = head.body == BodyKind::chunked;
  guard_.reset(HeadGuard::Kind::response);
  buffer_.clear();
  append_request(buffer_, line, head);
  if (chunked_ && !first.empty()) {
    buffer_.append_hex(first.size());
    buffer_.append("\r\n");
  }
  const std::size_t before = buffer_.size();
  if (chunked_ && !first.empty()) buffer_.append("\r\n");
  if (chunked_ && last) append_last_chunk(buffer_, nullptr);
  const std::string_view all = buffer_.view();
  const std::string_view parts[] = {all.substr(0, before), first, all.substr(before)};
  send(parts);
}

void ClientConnection::send_body(std::string_view bytes, bool last, const Fields* trailers) {
  request_sent_ = last;
  if (!chunked_) {
    send({&bytes, 1});
    if (last && state_ == State::reading_body && head_->status == 101) stream_.shutdown();
    return;
  }
  buffer_.clear();
  if (!bytes.empty()) {
    buffer_.append_hex(bytes.size());
    buffer_.append("\r\n");
  }
  const std::size_t before = buffer_.size();
  if (!bytes.empty()) buffer_.append("\r\n");
  if (last) append_last_chunk(buffer_, trailers);
  const std::string_view all = buffer_.view();
  const std::string_view parts[] = {all.substr(0, before), bytes, all.substr(before)};
  send(parts);
}

void ClientConnection::send(std::span<const std::string_view> parts) {
  if (broken_) return;
  // A target that has answered and closed may refuse what is left of the request: its answer is
  // read all the same.
  if (stream_.write(parts) != 0) broken_ = true;
  set_deadline();
}

void ClientConnection::on_drained() {
  if (user_ == nullptr) return;
  set_deadline();
  user_->on_upstream_writable();
}

// --- the answer ---

void ClientConnection::on_read(std::span<const char> bytes) {
  const std::string_view input(bytes.data(), bytes.size());
  // Nobody asked for these bytes.
  if (state_ == State::idle || state_ == State::ready || state_ == State::complete)
    return fail(UpstreamFailure::send_failed);
  received_ += input.size();
  answer_begun_ = true;
  if (!pending_.empty()) {
    std::string held;
    held.swap(pending_);
    held_.set(0);
    held.append(input);
    return process(held);
  }
  process(input);
}

void ClientConnection::process(std::string_view input) {
  processing_ = true;
  bool going = true;
  while (going && !doomed_ && state_ == State::awaiting_head) going = read_head(input);
  if (going && !doomed_ && state_ == State::reading_body && !paused_) read_body(input, false);
  processing_ = false;
  if (doomed_) {
    delete this;
    return;
  }
  if (state_ != State::awaiting_head && state_ != State::reading_body) return;
  pending_.assign(input);
  held_.set(pending_.size());
  set_deadline();
}

bool ClientConnection::read_head(std::string_view& input) {
  switch (guard_.look(input, limits_.head)) {
    case HeadGuard::Verdict::more:
      return false;
    case HeadGuard::Verdict::refused:
      refuse(guard_.refusal());
      return false;
    case HeadGuard::Verdict::complete:
      break;
  }
  const std::string_view head = input.substr(0, guard_.end());
  input.remove_prefix(guard_.end());
  if (!finish_head(head)) return false;
  if (state_ == State::awaiting_head) return !input.empty();  // it was a 1xx
  read_body(input, true);
  return false;
}

bool ClientConnection::finish_head(std::string_view head) {
  head_->clear();
  Refusal refusal = parse_response(arena_->copy(head), guard_, asked_, *head_);
  if (refusal == Refusal::none && head_->status == 101) refusal = judge_switch();
  if (refusal != Refusal::none) {
    refuse(refusal);
    return false;
  }
  if (head_->status == 101) {
    head_->body = BodyKind::until_close;
  } else if (head_->status < 200) {
    // Without a bound a target could send them for ever.
    if ((interim_ += head.size()) > limits_.head.size) {
      refuse(Refusal::header_too_large);
      return false;
    }
    if (head_->status != 100) user_->on_upstream_informational();
    guard_.reset(HeadGuard::Kind::response);
    return true;
  }
  body_.start(head_->body, head_->content_length);
  enter(State::reading_body);
  return true;
}

// RFC 9110 15.2.2: 101 answers an offer, and names the protocol that was offered. HTTP/1.0 has no
// 1xx.
Refusal ClientConnection::judge_switch() const {
  const bool agreed =
      !upgrade_.empty() && head_->minor == 1 && request_sent_ && iequals(head_->upgrade, upgrade_);
  return agreed ? Refusal::none : Refusal::bad_status_line;
}

// Pieces go out one behind the one that follows, so that the last one can say that it is: a small
// chunked answer is one write.
void ClientConnection::read_body(std::string_view& input, bool with_head) {
  std::string_view piece;
  bool have = with_head;
  for (;;) {
    if (have && body_.complete()) return finish_body(piece, input, with_head);
    const auto verdict = body_.next(input);
    if (verdict == BodyReader::Verdict::refused) return refuse(body_.refusal());
    if (verdict == BodyReader::Verdict::done) return finish_body(piece, input, with_head);
    if (verdict == BodyReader::Verdict::more) {
      if (have) deliver(piece, false, with_head);
      return;
    }
    if (!piece.empty()) {
      deliver(piece, false, with_head);
      with_head = false;
      if (doomed_ || state_ != State::reading_body) return;
    }
    piece = body_.bytes();
    have = true;
    if (paused_ && !body_.complete()) return deliver(piece, false, with_head);
  }
}

void ClientConnection::finish_body(std::string_view piece, std::string_view rest, bool with_head) {
  enter(State::complete);
  surplus_ = !rest.empty();
  deadline_.clear();
  deliver(piece, true, with_head);
}

void ClientConnection::deliver(std::string_view piece, bool last, bool with_head) {
  if (with_head)
    user_->on_upstream_head(piece, last);
  else
    user_->on_upstream_body(piece, last);
}

void ClientConnection::pause() {
  if (paused_ || state_ != State::reading_body) return;
  paused_ = true;
  stream_.stop_reading();
  set_deadline();
}

void ClientConnection::resume() {
  if (!paused_) return;
  paused_ = false;
  if (state_ != State::reading_body) return;
  stream_.start_reading();
  set_deadline();
  if (processing_ || pending_.empty()) return;
  std::string held;
  held.swap(pending_);
  held_.set(0);
  process(held);
}

// --- between requests, and the end ---

bool ClientConnection::reusable() const {
  return state_ == State::complete && request_sent_ && !broken_ && !surplus_ && head_->keep_alive &&
         body_.kind() != BodyKind::until_close && pending_.empty() && stream_.pending() == 0;
}

void ClientConnection::idle(Keeper& keeper, std::uint64_t idle_ms) {
  user_ = nullptr;
  keeper_ = &keeper;
  enter(State::idle);
  stream_.start_reading();
  if (idle_ms > 0)
    deadline_.set(stream_.loop().deadlines(), idle_ms);
  else
    deadline_.clear();
}

void ClientConnection::close() {
  user_ = nullptr;
  enter(State::closed);
  unlink();
  stream_.close();
  doomed_ = true;
  if (!processing_) delete this;
}

void ClientConnection::on_end() {
  if (state_ == State::reading_body && body_.kind() == BodyKind::until_close)
    return finish_body({}, {}, false);
  fail(state_ == State::reading_body ? UpstreamFailure::body_cut : UpstreamFailure::send_failed);
}

void ClientConnection::on_error(int) {
  if (state_ == State::connecting) return fail(UpstreamFailure::tls_failed);
  fail(state_ == State::reading_body ? UpstreamFailure::body_cut : UpstreamFailure::send_failed);
}

void ClientConnection::refuse(Refusal refusal) {
  refusal_ = refusal;
  fail(state_ == State::reading_body ? UpstreamFailure::body_cut : UpstreamFailure::bad_response);
}

void ClientConnection::fail(UpstreamFailure failure) {
  UpstreamUser* user = user_;
  const bool was_complete = state_ == State::complete;
  if (keeper_ != nullptr) keeper_->on_idle_closed(*this);
  if (was_complete) {  // the user has its answer and will close or keep it: it must not be kept
    broken_ = true;
    return;
  }
  // The user may look at refusal() and answer_begun() while it is told.
  user_ = nullptr;
  stream_.close();
  if (user != nullptr) user->on_upstream_failed(failure);
  close();
}

void ClientConnection::set_deadline() {
  auto& wheel = stream_.loop().deadlines();
  // Time to read an answer that a target may have sent before it closed.
  if (broken_ && !answer_begun_) return deadline_.set(wheel, 1);
  switch (state_) {
    case State::connecting:
      return deadline_.set(wheel, limits_.connect_timeout);
    case State::awaiting_head:
    case State::reading_body:
      unsent_ = stream_.unsent();
      if (stream_.pending() > 0) return deadline_.set(wheel, limits_.write_timeout);
      // It is not the target that is waited for, but the client: its deadline runs.
      if (paused_ || (state_ == State::awaiting_head && !request_sent_)) return deadline_.clear();
      return deadline_.set(wheel, limits_.read_timeout);
    default:
      return deadline_.clear();
  }
}

void ClientConnection::on_deadline() {
  switch (state_) {
    case State::connecting:
      return fail(broken_ ? UpstreamFailure::connect_failed : UpstreamFailure::connect_timeout);
    case State::idle:
      return fail(UpstreamFailure::send_failed);
    default:
      break;
  }
  if (broken_ && !answer_begun_) return fail(UpstreamFailure::send_failed);
  if (stream_.pending() == 0) return fail(UpstreamFailure::read_timeout);
  if (stream_.unsent() < unsent_) return set_deadline();  // slowly, but it takes them
  fail(UpstreamFailure::send_timeout);
}

}  // namespace gw::http
