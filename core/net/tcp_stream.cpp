// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_stream.hpp"

#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/check.hpp"

namespace gw::net {

namespace {

// A queued write with its bytes behind it. Freed by its own callback.
struct QueuedWrite {
  uv_write_t request;
  std::size_t size;
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
};

constexpr std::size_t k_most_cipher = 2 * 1024 * 1024;

TcpStream* owner_of(uv_stream_t* stream) { return static_cast<TcpStream*>(stream->data); }

}  // namespace

// Two ways to one place, of which one is still the second.
struct TcpStream::Race {
  explicit Race(TcpStream& stream, const Address& way)
      : alternative(way),
        delay([](void* self) { static_cast<TcpStream*>(self)->start_alternative(); }, &stream) {}
  Address alternative;
  Handle<uv_tcp_t> handle;  // of the alternative, once it is tried
  Deadline delay;
};

TcpStream::TcpStream(Loop& loop, Listener& listener)
    : loop_(loop), listener_(&listener), held_(loop) {}

TcpStream::~TcpStream() {
  if (gone_ != nullptr) *gone_ = true;
}

int TcpStream::accept(uv_stream_t* server) {
  handle_ = Handle<uv_tcp_t>(this);
  check(uv_tcp_init(loop_.raw(), handle_.get()) == 0);
  const int status = uv_accept(server, reinterpret_cast<uv_stream_t*>(handle_.get()));
  if (status != 0) handle_.close();
  return status;
}

int TcpStream::connect(const Address& address, const Address* alternative) {
  handle_ = Handle<uv_tcp_t>(this);
  const int status = start_connect(handle_.get(), address);
  if (status != 0) {
    handle_.close();
    if (alternative == nullptr) return status;
    used_alternative_ = true;
    return connect(*alternative);
  }
  if (alternative != nullptr) {
    race_ = std::make_unique<Race>(*this, *alternative);
    race_->delay.set(loop_.deadlines(), k_head_start);
  }
  return 0;
}

int TcpStream::start_connect(uv_tcp_t* handle, const Address& address) {
  check(uv_tcp_init(loop_.raw(), handle) == 0);
  auto* request = new uv_connect_t;
  const auto on_done = [](uv_connect_t* r, int status) {
    auto* done = reinterpret_cast<uv_tcp_t*>(r->handle);
    TcpStream* self = owner_of(r->handle);
    delete r;
    if (self != nullptr) self->on_race(done, status);
  };
  const int status = uv_tcp_connect(request, handle, &address.any, on_done);
  if (status != 0)
    delete request;
  else
    uv_tcp_nodelay(handle, 1);
  return status;
}

void TcpStream::start_alternative() {
  race_->delay.clear();
  race_->handle = Handle<uv_tcp_t>(this);
  if (start_connect(race_->handle.get(), race_->alternative) != 0) race_.reset();
}

// One of the ways has come to its end. With none beside it, that is the result.
void TcpStream::on_race(uv_tcp_t* handle, int status) {
  if (!race_) return on_tcp_connected(status);
  const bool second = handle == race_->handle.get();
  if (status != 0 && !second && !race_->handle) start_alternative();
  if (!race_) return on_tcp_connected(status);
  if (second == (status == 0)) {  // the second is there, or the first is not
    handle_ = std::move(race_->handle);
    used_alternative_ = true;
  }
  race_.reset();
  if (status == 0) on_tcp_connected(0);
}

// The handshake with a target begins; its answers come through take_cipher().
void TcpStream::on_tcp_connected(int status) {
  if (status != 0 || !tls_) return listener_->on_connected(status);
  std::string& out = loop_.cipher_buffer();
  tls_->handshake(out);
  start_reading();
  if (const int sent = send_cipher(); sent != 0) listener_->on_connected(sent);
}

void TcpStream::start_reading() {
  if (reading_ || !handle_) return;
  reading_ = true;
  const auto on_buffer = [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
    auto* self = static_cast<TcpStream*>(handle->data);
    if (self == nullptr) {
      *buffer = uv_buf_init(nullptr, 0);
      return;
    }
    const auto all = self->loop_.read_buffer();
    *buffer = uv_buf_init(all.data(), unsigned(std::min(all.size(), self->read_size_)));
  };
  uv_read_start(reinterpret_cast<uv_stream_t*>(handle_.get()), on_buffer, on_read_done);
}

void TcpStream::stop_reading() {
  if (!reading_ || !handle_) return;
  reading_ = false;
  uv_read_stop(reinterpret_cast<uv_stream_t*>(handle_.get()));
}

void TcpStream::on_read_done(uv_stream_t* stream, ssize_t n, const uv_buf_t* buffer) {
  TcpStream* self = owner_of(stream);
  if (self == nullptr || n == 0) return;
  const std::span<const char> bytes(buffer->base, std::size_t(std::max<ssize_t>(n, 0)));
  if (n > 0) return self->tls_ ? self->take_cipher(bytes) : self->listener_->on_read(bytes);
  self->reading_ = false;
  uv_read_stop(stream);
  if (n == UV_EOF) return self->tell_end();
  self->listener_->on_error(int(n));
}

// With TLS the end that counts is the session's. One that TCP alone tells may be an attacker's.
void TcpStream::tell_end() {
  if (!tls_) return listener_->on_end();
  if (tls_->state() == TlsSession::State::ended) return;
  listener_->on_error(UV_ECONNABORTED);
}

void TcpStream::take_cipher(std::span<const char> bytes) {
  using State = TlsSession::State;
  const auto room = loop_.plain_buffer();
  const State before = tls_->state();
  const std::size_t n = tls_->receive(bytes, room, loop_.cipher_buffer());
  const State after = tls_->state();
  // Also what tells the peer why it failed.
  if (const int sent = send_cipher(); sent != 0 && after != State::failed)
    return listener_->on_error(sent);
  bool gone = false;
  gone_ = &gone;
  const auto here = [&] { return !gone && handle_; };
  const bool client = tls_->certificates() == nullptr;
  if (client && before == State::handshaking && after != State::handshaking)
    listener_->on_connected(after == State::failed ? UV_EPROTO : 0);
  else if (after == State::failed)
    listener_->on_error(UV_EPROTO);
  if (here() && n > 0) listener_->on_read(room.first(n));
  if (here() && after == State::ended && before != State::ended) listener_->on_end();
  if (!gone) gone_ = nullptr;
}

int TcpStream::send_cipher() {
  std::string& out = loop_.cipher_buffer();
  const std::string_view whole(out);
  const int status = whole.empty() ? 0 : write_raw({&whole, 1});
  if (out.capacity() > k_most_cipher)
    out = std::string();
  else
    out.clear();
  return status;
}

int TcpStream::write(std::span<const std::string_view> parts) {
  if (!tls_) return write_raw(parts);
  if (!handle_) return UV_ENOTCONN;
  tls_->send(parts, loop_.cipher_buffer());
  return send_cipher();
}

int TcpStream::write_raw(std::span<const std::string_view> parts) {
  check(parts.size() <= k_parts);
  uv_buf_t buffers[k_parts];
  unsigned count = 0;
  std::size_t size = 0;
  for (const auto part : parts) {
    if (part.empty()) continue;
    buffers[count++] = uv_buf_init(const_cast<char*>(part.data()), unsigned(part.size()));
    size += part.size();
  }
  if (count == 0) return 0;
  if (!handle_) return UV_ENOTCONN;
  std::size_t sent = 0;
  if (pending_ == 0) {
    const int n = uv_try_write(reinterpret_cast<uv_stream_t*>(handle_.get()), buffers, count);
    if (n < 0 && n != UV_EAGAIN) return n;
    if (n > 0) sent = std::size_t(n);
  }
  if (sent == size) return 0;
  std::size_t skip = sent;
  unsigned first = 0;
  while (skip >= buffers[first].len) skip -= buffers[first++].len;
  buffers[first].base += skip;
  buffers[first].len -= skip;
  queue({buffers + first, count - first}, size - sent);
  return 0;
}

void TcpStream::queue(std::span<uv_buf_t> parts, std::size_t size) {
  auto* write = static_cast<QueuedWrite*>(std::malloc(sizeof(QueuedWrite) + size));
  check(write != nullptr);
  write->size = size;
  char* at = write->bytes();
  for (const uv_buf_t& part : parts) {
    std::memcpy(at, part.base, part.len);
    at += part.len;
  }
  pending_ += size;
  held_.set(pending_);
  uv_buf_t whole = uv_buf_init(write->bytes(), unsigned(size));
  // A failure is told to the callback.
  check(uv_write(&write->request, reinterpret_cast<uv_stream_t*>(handle_.get()), &whole, 1,
                 on_written) == 0);
}

void TcpStream::on_written(uv_write_t* request, int status) {
  TcpStream* self = owner_of(request->handle);
  auto* write = reinterpret_cast<QueuedWrite*>(request);
  const std::size_t size = write->size;
  std::free(write);
  if (self == nullptr) return;
  self->pending_ -= size;
  self->held_.set(self->pending_);
  if (status != 0) return self->listener_->on_error(status);
  if (self->pending_ == 0) self->listener_->on_drained();
}

void TcpStream::shutdown() {
  if (!handle_) return;
  if (tls_) {
    tls_->end(loop_.cipher_buffer());
    send_cipher();
  }
  auto* request = new uv_shutdown_t;
  const auto on_done = [](uv_shutdown_t* r, int) { delete r; };
  if (uv_shutdown(request, reinterpret_cast<uv_stream_t*>(handle_.get()), on_done) != 0)
    delete request;
}

void TcpStream::close() {
  race_.reset();
  // So that the peer knows that nothing was cut off.
  if (handle_ && tls_ && pending_ == 0) {
    tls_->end(loop_.cipher_buffer());
    send_cipher();
  }
  handle_.close();
}

void TcpStream::reset() {
  race_.reset();
  if (!handle_) return;
  const linger abort_on_close{1, 0};
  setsockopt(fd(), SOL_SOCKET, SO_LINGER, &abort_on_close, sizeof abort_on_close);
  handle_.close();
}

bool TcpStream::is_reset() const {
  pollfd asked{fd(), 0, 0};
  return ::poll(&asked, 1, 0) > 0 && (asked.revents & (POLLERR | POLLHUP)) != 0;
}

int TcpStream::fd() const {
  uv_os_fd_t fd = -1;
  if (handle_) uv_fileno(reinterpret_cast<const uv_handle_t*>(handle_.get()), &fd);
  return fd;
}

TcpListener::TcpListener(Loop& loop, int fd, int backlog, OnWaiting on_waiting, void* context)
    : handle_(this), on_waiting_(on_waiting), context_(context) {
  check(uv_tcp_init(loop.raw(), handle_.get()) == 0);
  check(uv_tcp_open(handle_.get(), fd) == 0);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto on_connection = [](uv_stream_t* server, int status) {
    auto* self = static_cast<TcpListener*>(server->data);
    if (self != nullptr && status == 0) self->on_waiting_(self->context_, server);
  };
  check(uv_listen(reinterpret_cast<uv_stream_t*>(handle_.get()), backlog, on_connection) == 0);
}

}  // namespace gw::net
