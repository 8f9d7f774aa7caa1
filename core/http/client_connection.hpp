// SPDX-License-Identifier: Apache-2.0
// ClientConnection: one connection to an upstream target. It sends one request at a time and reads
// its answer; between requests it idles with reading armed, so that a byte or a close that nobody
// asked for ends it at once and never becomes the next client's answer. Owned by who uses it, or by
// its keeper (the pool) while it idles.
// After any failure the user is told once, with the reason, and the connection is gone. Its states
// are drawn in connection_state.hpp.
#pragma once

#include <string>
#include <string_view>

#include "base/list.hpp"
#include "http/body_reader.hpp"
#include "http/connection_state.hpp"
#include "http/parser.hpp"
#include "http/writer.hpp"
#include "net/tcp_stream.hpp"

namespace gw::http {

class ClientConnection;

enum class UpstreamFailure : std::uint8_t {
  connect_failed,  // refused, unreachable
  connect_timeout,
  tls_failed,   // no handshake: ClientConnection::tls_error() says why
  send_failed,  // broken before the first byte of the answer
  send_timeout,
  read_timeout,
  bad_response,  // not valid HTTP, or over a limit
  body_cut,      // broken within the answer's body
};
std::string_view reason_code(UpstreamFailure failure);

// What the connection tells its user. After on_upstream_failed the connection is no longer there.
class UpstreamUser {
 public:
  virtual void on_upstream_connected() = 0;
  // 1xx other than 100 and 101, in the head given to begin(), which is cleared afterwards.
  virtual void on_upstream_informational() = 0;
  // The head is parsed; `first` is the first piece of the body, `last`: it is all of it.
  virtual void on_upstream_head(std::string_view first, bool last) = 0;
  virtual void on_upstream_body(std::string_view bytes, bool last) = 0;
  virtual void on_upstream_writable() = 0;
  virtual void on_upstream_failed(UpstreamFailure failure) = 0;

 protected:
  ~UpstreamUser() = default;
};

struct ClientLimits {
  HeadLimits head{0, 65536, 250};
  std::uint64_t connect_timeout = 60000;  // ms
  std::uint64_t write_timeout = 60000;    // between two writes
  std::uint64_t read_timeout = 60000;     // between two reads
};

// Where a connection leads. With TLS it also counts who must be there: `tls` says how that is
// judged.
struct Destination {
  net::Address address;
  net::TlsClientContext* tls = nullptr;       // null: without TLS
  std::string_view server_name{};             // name of the peer, or its address; with TLS only
  const net::Address* alternative = nullptr;  // another way there, for a new connection
};

class ClientConnection final : private net::TcpStream::Listener, public ListNode {
 public:
  using State = ClientState;

  // Told when an idle connection ends by itself.
  struct Keeper {
    virtual void on_idle_closed(ClientConnection& connection) = 0;

   protected:
    ~Keeper() = default;
  };

  ClientConnection(net::Loop& loop, WriteBuffer& buffer, const Destination& destination);

  // Starts to connect for `user`: on_upstream_connected or on_upstream_failed follows, never within
  // this call.
  void connect(UpstreamUser& user, const ClientLimits& limits);
  // Takes an idle one into use: it is ready.
  void reuse(UpstreamUser& user, const ClientLimits& limits);

  // REQUIRES: ready. The answer's head is read into `into`. The first piece of the body may come
  // along. If the line asks for an upgrade the answer may be 101: from then on the bytes of both
  // sides are bodies without end, and the last send_body closes this side.
  void send_request(const RequestLine& line, const RequestHead& head, ResponseHead& into,
                    Arena& arena, std::string_view first, bool last);
  void send_body(std::string_view bytes, bool last, const Fields* trailers = nullptr);
  // Of the answer's body, once it is complete; null when there are none. In the arena given to
  // send_request.
  const Fields* trailers() const { return trailers_of(body_, *arena_); }
  bool congested() const { return stream_.pending() > k_high_water; }
  // No further body for now: at most one more piece comes.
  void pause();
  void resume();

  // The answer is read and the connection can serve another request.
  bool reusable() const;
  // Idles with its keeper for at most idle_ms (0: no limit).
  void idle(Keeper& keeper, std::uint64_t idle_ms);
  // Ends and destroys it; nobody is told. To be called by who owns it.
  void close();

  // Valid as long as the connection. Its address is the one that is connected to.
  Destination destination() const { return {address_, tls_.get(), server_name_}; }
  // Why there was no handshake; empty: there was one, or none was needed.
  std::string_view tls_error() const;
  bool reused() const { return requests_ > 1; }
  std::uint64_t requests() const { return requests_; }
  State state() const { return state_; }
  Refusal refusal() const { return refusal_; }          // of bad_response
  bool answer_begun() const { return answer_begun_; }   // a byte of the answer was read
  std::uint64_t received() const { return received_; }  // bytes of this answer

 private:
  static constexpr std::size_t k_high_water = 16 * 1024;
  ~ClientConnection() = default;

  void on_connected(int status) override;
  void on_read(std::span<const char> bytes) override;
  void on_end() override;
  void on_error(int status) override;
  void on_drained() override;

  // The only way to another state: one that connection_state.hpp draws.
  void enter(State next);
  void process(std::string_view input);
  // false: no more to do with the input.
  bool read_head(std::string_view& input);
  void read_body(std::string_view& input, bool with_head);
  bool finish_head(std::string_view head);
  Refusal judge_switch() const;
  void finish_body(std::string_view piece, std::string_view rest, bool with_head);
  void deliver(std::string_view piece, bool last, bool with_head);
  void refuse(Refusal refusal);
  void fail(UpstreamFailure failure);
  void send(std::span<const std::string_view> parts);
  void set_deadline();
  void on_deadline();

  net::TcpStream stream_;
  net::Deadline deadline_;
  WriteBuffer& buffer_;
  net::Address address_;
  std::optional<net::Address> alternative_;
  std::shared_ptr<net::TlsClientContext> tls_;
  std::string server_name_;
  UpstreamUser* user_ = nullptr;
  Keeper* keeper_ = nullptr;
  ClientLimits limits_;
  State state_ = State::connecting;
  HeadGuard guard_;
  BodyReader body_;
  ResponseHead* head_ = nullptr;
  Arena* arena_ = nullptr;
  net::HeldBytes held_;  // pending_
  std::string pending_;  // a partial head, or a body that nobody wants yet
  Method asked_ = Method::other;
  std::string_view upgrade_;  // asked for; in the arena
  Refusal refusal_ = Refusal::none;
  std::uint64_t requests_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t interim_ = 0;  // bytes of 1xx heads before this answer
  std::size_t unsent_ = 0;     // when the deadline was set
  bool chunked_ = false;       // the request's body is sent in chunks
  bool request_sent_ = false;
  bool answer_begun_ = false;
  bool paused_ = false;
  bool surplus_ = false;  // bytes behind the answer that nobody asked for
  bool processing_ = false;
  bool doomed_ = false;
  bool broken_ = false;  // a write failed, or bytes came unasked: not to be used again
};

}  // namespace gw::http
