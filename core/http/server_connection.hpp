// SPDX-License-Identifier: Apache-2.0
// ServerConnection: one client's connection. Bytes become request heads and body pieces; requests
// that come pipelined wait and are answered in order. It knows no routes: a request is handed to
// the exchange that its factory gives it, and the exchange drives the answer through the functions
// below. Owns itself: it is destroyed when the connection is closed.
// Its states are drawn in connection_state.hpp.
#pragma once

#include <string>
#include <string_view>

#include "base/list.hpp"
#include "http/admission.hpp"
#include "http/body_reader.hpp"
#include "http/connection_state.hpp"
#include "http/parser.hpp"
#include "http/server_stream.hpp"
#include "http/writer.hpp"
#include "net/tcp_stream.hpp"

namespace gw::http {

class ServerConnection;

// Gives and takes back exchanges; one for each kind of listener.
class ExchangeFactory {
 public:
  virtual ServerExchange& take() = 0;
  virtual void give(ServerExchange& exchange) = 0;
  // A request that was refused before there was an exchange: counted, and answered with this.
  virtual void refuse(ServerConnection& connection, Refusal refusal) = 0;
  // A connection that its client may not have, because it has too many: counted.
  virtual void turn_away(ServerConnection&) {}

 protected:
  ~ExchangeFactory() = default;
};

struct ServerLimits {
  HeadLimits head;
  std::uint64_t header_timeout = 60000;  // ms; 0: none
  std::uint64_t body_timeout = 60000;
  std::uint64_t send_timeout = 60000;
  std::uint64_t keepalive_timeout = 75000;
  std::uint64_t keepalive_requests = 0;  // 0: no limit
  std::uint64_t max_body = 0;            // bytes; 0: no limit
  Underscores underscores = Underscores::drop_known;
};

// What the connections of one listener in one worker share.
struct ServerContext {
  net::Loop& loop;
  ExchangeFactory& factory;
  WriteBuffer& buffer;
  ServerLimits limits{};
  std::uint16_t port = 0;                             // listened on
  bool proxy_protocol = false;                        // each connection begins with a PROXY header
  std::shared_ptr<const net::TlsCertificates> tls{};  // null: without TLS
  bool draining = false;
  Admission* admission = nullptr;  // null: all are taken
  List<ServerConnection> connections{};
  std::uint64_t active = 0;
  std::uint64_t accepted = 0;
  std::uint64_t reading = 0;                   // have sent a part of a request head
  void (*on_closed)(void* context) = nullptr;  // a connection has gone
  void* on_closed_context = nullptr;
};

class ServerConnection final : public ServerStream,
                               private net::TcpStream::Listener,
                               public ListNode {
 public:
  using State = ServerState;

  // Accepts what `server` has waiting. The connection lives until it is closed.
  static void accept(ServerContext& context, uv_stream_t* server);

  std::string_view peer_ip() const { return {peer_text_, peer_size_}; }
  ServerContext& context() { return context_; }
  State state() const { return state_; }

  // --- for the exchange ---
  ClientFacts client() const override {
    return {peer_, peer_ip(), context_.port, serial_, requests_, stream_.tls()};
  }
  net::Address local() const override;
  void start_body() override;
  bool body_started() const override { return body_started_; }
  void pause_body() override;
  void resume_body() override;
  bool body_complete() const override { return body_.complete(); }
  Fields* request_trailers() override;
  void send_informational(const ResponseHead& head) override;
  void send_head(ResponseHead& head, Body body, std::string_view first, bool last,
                 const Fields* trailers) override;
  void send_body(std::string_view bytes, bool last, const Fields* trailers) override;
  bool congested() const override { return stream_.pending() > k_high_water; }
  bool flushed() const override { return stream_.pending() == 0; }
  std::uint64_t bytes_sent() const override { return sent_; }
  std::uint64_t bytes_received() const override { return received_; }
  bool head_sent() const { return head_sent_; }
  void done() override;
  void abort() override;

  // --- for the server ---
  // Closes if no exchange runs; else after it.
  void drain();
  // Closes now; a running exchange is told.
  void cut(std::string_view reason);
  // An answer without an exchange, then close (refused requests).
  void answer_and_close(std::string_view bytes);

 private:
  static constexpr std::size_t k_high_water = 16 * 1024;
  static constexpr std::size_t k_head_read = 32 * 1024;
  static constexpr std::size_t k_max_discard = 64 * 1024;
  static constexpr std::uint64_t k_linger = 2000;  // ms
  static constexpr std::uint64_t k_look = 1000;    // ms

  explicit ServerConnection(ServerContext& context);
  ~ServerConnection();

  void start_tls();
  void read_proxy_before_tls(std::string_view input);
  void on_connected(int) override {}
  void on_read(std::span<const char> bytes) override;
  void on_end() override;
  void on_error(int status) override;
  void on_drained() override;

  // The only way to another state: one that connection_state.hpp draws.
  void enter(State next);
  // false: the connection is gone.
  bool process(std::string_view& input);
  bool read_proxy(std::string_view& input);
  // Whose connection it is. False: the client has too many, and it is closed.
  bool admit(const net::Address& client);
  bool read_head(std::string_view& input);
  void start_exchange(std::string_view head);
  void feed_body(std::string_view& input);
  void refuse_body(int status, std::string_view code);
  void start_tunnel();
  void end_tunnel();
  bool over_body_limit() const;
  bool awaits_body() const { return body_started_ && !body_paused_ && !body_ended_ && !tunnel_; }
  void discard(std::string_view& input);
  void keep(std::string_view rest);
  void stop_reading();
  bool processing() const { return feeding_ != nullptr; }
  // More has come than was looked at: what follows the request, or its body.
  bool bytes_wait() const { return !pending_.empty() || (processing() && !feeding_->empty()); }
  void process_pending();
  void next_request();
  void close_gracefully();
  void destroy();
  void send(std::span<const std::string_view> parts);
  void send_chunk(std::string_view bytes, bool last, const Fields* trailers);
  ResponseFraming frame(const ResponseHead& head, const Body& body);
  void set_deadline(std::uint64_t ms);
  void refresh_deadline();
  void on_deadline();
  void lose(std::string_view reason);

  ServerContext& context_;
  net::TcpStream stream_;
  net::Deadline deadline_;
  net::Address peer_;
  char peer_text_[net::Address::k_text];
  std::uint8_t peer_size_ = 0;
  State state_;
  HeadGuard guard_;
  ServerExchange* exchange_ = nullptr;
  BodyReader body_;
  net::HeldBytes held_;  // pending_
  std::string pending_;  // bytes that wait: a partial head, a pipelined request, a body that nobody
                         // wants yet
  const std::string_view* feeding_ = nullptr;  // what process() has before it
  std::uint64_t serial_;
  std::uint64_t requests_ = 0;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t discarded_ = 0;
  std::size_t unsent_ = 0;  // when the deadline was set
  bool counted_ = false;    // by the admission
  bool reading_ = false;    // counted in context.reading
  bool body_started_ = false;
  bool body_paused_ = false;
  bool body_ended_ = false;  // on_body(last) was called
  bool continue_due_ = false;
  bool head_sent_ = false;
  bool chunked_ = false;  // the answer's body is sent in chunks
  bool tunnel_ = false;   // after 101: both sides send what they like
  bool close_after_ = false;
  bool end_seen_ = false;  // FIN from the client
  bool broken_ = false;    // a write failed; told at the next turn
  bool doomed_ = false;    // to be destroyed when processing ends
};

}  // namespace gw::http
