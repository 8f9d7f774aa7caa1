// SPDX-License-Identifier: Apache-2.0
// ServerStream and ServerExchange: the two sides of one request of a client. The stream is the
// protocol's: the request's body comes from it and the answer goes to it. The exchange is what
// serves the request. HTTP/1 has one request at a time on a connection, and the connection is its
// stream (ServerConnection); a protocol with many at once makes a stream for each.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.hpp"
#include "http/message.hpp"
#include "net/address.hpp"
#include "net/tls_session.hpp"

namespace gw::http {

// Whom a stream belongs to. Valid as long as its connection.
struct ClientFacts {
  const net::Address& peer;
  std::string_view peer_ip;
  std::uint16_t server_port;   // listened on
  std::uint64_t serial;        // counts its listener's connections, from 1
  std::uint64_t requests;      // of the connection so far, with this one
  const net::TlsSession* tls;  // null: without TLS
};

// For the exchange; used on the loop's thread.
class ServerStream {
 public:
  virtual ClientFacts client() const = 0;
  virtual net::Address local() const = 0;

  // Body pieces may come now: on_body is called, also within this call. Sends 100 Continue if the
  // client waits for it.
  virtual void start_body() = 0;
  virtual bool body_started() const = 0;
  virtual void pause_body() = 0;
  virtual void resume_body() = 0;
  virtual bool body_complete() const = 0;
  // Trailers of a body, once it is complete; null when there were none. In the exchange's arena.
  virtual Fields* request_trailers() = 0;

  // 1xx other than 100 and 101; nothing for HTTP/1.0.
  virtual void send_informational(const ResponseHead& head) = 0;
  // Head and the first piece of the body. length: of the whole body, when known; last: the piece is
  // all of it.
  struct Body {
    BodyKind kind = BodyKind::none;  // none: head only
    std::uint64_t length = 0;
    bool write_length = false;  // say the length although no body follows (HEAD, 304)
  };
  virtual void send_head(ResponseHead& head, Body body, std::string_view first, bool last,
                         const Fields* trailers = nullptr) = 0;
  // After a head with 101 the bytes go out as they are, and what the client sends comes to on_body
  // until it closes (last).
  virtual void send_body(std::string_view bytes, bool last, const Fields* trailers = nullptr) = 0;
  // Enough is queued: wait for on_writable.
  virtual bool congested() const = 0;
  virtual bool flushed() const = 0;
  virtual std::uint64_t bytes_sent() const = 0;      // of this answer, on the wire
  virtual std::uint64_t bytes_received() const = 0;  // of this request's body, so far

  // The answer is complete and flushed; the exchange is given back by its owner.
  virtual void done() = 0;
  // The answer cannot be completed: broken off so that the client sees it. The exchange is given
  // back by its owner.
  virtual void abort() = 0;

 protected:
  ~ServerStream() = default;
};

// What the connection tells the exchange that it serves. After on_client_gone the connection is no
// longer there.
class ServerExchange {
 public:
  explicit ServerExchange(BlockPool& blocks) : arena(blocks), request(arena), response(arena) {}

  // request is parsed. The answer may be given at once or later.
  virtual void on_request() = 0;
  // Only after start_body(). Borrowed until it returns. Trailers: request_trailers() when last.
  virtual void on_body(std::string_view bytes, bool last) = 0;
  // The connection broke or timed out; reason: "client_gone", "client_body_timeout",
  // "send_timeout", "drain_timeout".
  virtual void on_client_gone(std::string_view reason) = 0;
  // The body is not valid HTTP, or longer than allowed. The exchange is to answer `status` and stop
  // (or break off).
  virtual void on_body_refused(int status, std::string_view code) = 0;
  // What was queued for the client is sent.
  virtual void on_writable() = 0;

  Arena arena;
  RequestHead request;
  ResponseHead response;
  ServerStream* stream = nullptr;
  std::size_t head_size = 0;     // bytes of the request head on the wire
  std::uint64_t started_ns = 0;  // loop clock at the first byte
  std::uint64_t started_unix_ns = 0;

 protected:
  ~ServerExchange() = default;
};

}  // namespace gw::http
