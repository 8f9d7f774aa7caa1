// SPDX-License-Identifier: Apache-2.0
// TcpStream: one TCP connection. Reads land in the loop's buffer and are handed on at once; writes
// go to the kernel at once and only what it does not take is copied and queued (one system call for
// head and body together). Owned by a connection of http/, which is its listener. Destroying it
// closes the socket; no callback comes afterwards.
// With TLS (start_tls) all functions and callbacks mean what is inside it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "net/address.hpp"
#include "net/handle.hpp"
#include "net/held_bytes.hpp"
#include "net/loop.hpp"
#include "net/tls_session.hpp"

namespace gw::net {

class TcpStream {
 public:
  // Each of these may destroy the stream.
  struct Listener {
    virtual void on_connected(int status) = 0;              // 0, or a negative errno
    virtual void on_read(std::span<const char> bytes) = 0;  // valid until it returns
    virtual void on_end() = 0;                              // the peer will send no more (FIN)
    virtual void on_error(int status) = 0;                  // broken; a negative errno
    virtual void on_drained() = 0;                          // what was queued is with the kernel

   protected:
    ~Listener() = default;
  };

  TcpStream(Loop& loop, Listener& listener);
  ~TcpStream();
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;

  // Takes over the connection that `server` has waiting. Reading is off. A negative errno on
  // failure.
  int accept(uv_stream_t* server);
  // on_connected follows unless this fails with a negative errno. Nagle's algorithm is off.
  // `alternative`: another way to the same place, tried beside the first when that is not there
  // within k_head_start, and at once when it fails (RFC 8305). The first that is there stays.
  int connect(const Address& address, const Address* alternative = nullptr);
  static constexpr std::uint64_t k_head_start = 250;  // ms
  bool used_alternative() const { return used_alternative_; }

  // From now on everything goes through this session. To a target: before connect(), and
  // on_connected then comes when the handshake is over; its failure is UV_EPROTO, and
  // tls()->error() says why. Of a client: reading must be on; on_read comes when there is something
  // to read.
  void start_tls(std::unique_ptr<TlsSession> session) { tls_ = std::move(session); }
  // Bytes that came before it was known that the connection is TLS (behind a PROXY header).
  void take_cipher(std::span<const char> bytes);
  // Null: without TLS.
  const TlsSession* tls() const { return tls_.get(); }

  bool is_open() const { return bool(handle_); }
  void set_listener(Listener& listener) { listener_ = &listener; }

  // Reading costs a system call to switch: leave it on where possible.
  void start_reading();
  void stop_reading();
  bool reading() const { return reading_; }
  // Whether it was broken off meanwhile (RST), of which nothing tells while it is neither read nor
  // written. One system call.
  bool is_reset() const;
  // At most so many bytes in one on_read; as many as the loop's buffer has if not set.
  void set_read_size(std::size_t bytes) { read_size_ = bytes; }
  static constexpr std::size_t k_any_size = SIZE_MAX;

  // Sends the parts one behind the other. What the kernel does not take now is copied and queued.
  // 0, or a negative errno: the connection is broken. REQUIRES: at most k_parts parts.
  static constexpr std::size_t k_parts = 8;
  int write(std::span<const std::string_view> parts);
  // Bytes queued, in whole writes.
  std::size_t pending() const { return pending_; }
  // Bytes that the kernel has not taken yet: shows progress within a write.
  std::size_t unsent() const {
    return handle_ ? uv_stream_get_write_queue_size(reinterpret_cast<uv_stream_t*>(handle_.get()))
                   : 0;
  }

  // Sends FIN behind what is queued; reading goes on.
  void shutdown();
  void close();
  // Closes with RST: the peer sees a broken connection, never a complete-looking end.
  void reset();

  int fd() const;
  Loop& loop() { return loop_; }

 private:
  int write_raw(std::span<const std::string_view> parts);
  // What the session has put into the loop's buffer. A negative errno: broken.
  int send_cipher();
  struct Race;
  int start_connect(uv_tcp_t* handle, const Address& address);
  void start_alternative();
  void on_race(uv_tcp_t* handle, int status);
  void on_tcp_connected(int status);
  void tell_end();
  void queue(std::span<uv_buf_t> parts, std::size_t size);
  static void on_read_done(uv_stream_t* stream, ssize_t n, const uv_buf_t* buffer);
  static void on_written(uv_write_t* request, int status);

  Loop& loop_;
  Listener* listener_;
  Handle<uv_tcp_t> handle_;
  std::unique_ptr<TlsSession> tls_;
  std::unique_ptr<Race> race_;  // null: there is one way, or one is left
  bool* gone_ = nullptr;        // set when this is destroyed within a call of the listener
  HeldBytes held_;              // pending_
  std::size_t pending_ = 0;
  std::size_t read_size_ = k_any_size;
  bool reading_ = false;
  bool used_alternative_ = false;
};

// Accepts connections on a socket that is bound already. `on_waiting` is to accept it
// (TcpStream::accept).
class TcpListener {
 public:
  using OnWaiting = void (*)(void* context, uv_stream_t* server);
  // Takes over fd. TCP_NODELAY is set here once: accepted sockets inherit it.
  TcpListener(Loop& loop, int fd, int backlog, OnWaiting on_waiting, void* context);
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

 private:
  Handle<uv_tcp_t> handle_;
  OnWaiting on_waiting_;
  void* context_;
};

}  // namespace gw::net
