// SPDX-License-Identifier: Apache-2.0
// Origin: a scripted upstream server on 127.0.0.1, one thread for each connection. For every
// request it calls the handler, which answers in raw bytes, in as many steps as it likes, and may
// wait for events between them. Keep-alive goes on until the peer closes or the handler does.
// What a handler throws because the peer went away is no error; anything else is kept in faults().
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/connection.hpp"

namespace support {

class Origin;

// One request at the origin, for the handler.
class Call {
 public:
  Call(Origin& origin, Connection& peer, std::size_t connection)
      : connection(connection), origin_(origin), peer_(peer) {}

  Message request;
  const std::size_t connection;  // which connection, from 0
  std::size_t number = 0;        // which request at this origin, from 0

  void send(std::string_view bytes) { peer_.send(bytes); }
  // Head with Content-Length and body. fields: whole lines.
  void respond(int status = 200, std::string_view body = "ok", std::string_view fields = "");
  // With an origin that reads heads only: the rest of the request. Then it is recorded.
  const std::string& read_body();
  // No further request on this connection.
  void close() { peer_.close(); }
  void reset() { peer_.reset(); }
  Connection& peer() { return peer_; }

 private:
  Origin& origin_;
  Connection& peer_;
};

class Origin {
 public:
  using Handler = std::function<void(Call&)>;
  enum class Reads { whole_requests, heads_only };

  // Answers 200 "ok" without a handler.
  // At a port of the kernel's choice, or at this address.
  explicit Origin(Handler handler = {}, Reads reads = Reads::whole_requests,
                  const std::string& ip = "127.0.0.1", std::uint16_t port = 0);
  ~Origin();

  std::uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url() const { return "http://" + address(); }

  // All requests so far, in the order in which they were complete (or their heads, with heads_only,
  // until read_body is called).
  std::vector<Message> requests() const;
  // Waits until there are n and returns the n-th (from 1); throws Timeout.
  Message wait_for_request(std::size_t n = 1, const Deadline& deadline = Deadline()) const;
  std::size_t connections() const;       // ever accepted
  std::size_t open_connections() const;  // still served
  bool wait_for_open_connections(std::size_t n, const Deadline& deadline = Deadline()) const;
  std::vector<std::string> faults() const;

 private:
  friend class Call;
  void accept_all();
  void serve(int fd, std::size_t index);
  std::size_t record(const Message& request);
  void replace(std::size_t number, const Message& request);

  Handler handler_;
  Reads reads_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Message> requests_;
  std::vector<std::string> faults_;
  std::vector<int> open_;
  std::size_t accepted_ = 0;
  bool stopping_ = false;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

// "HTTP/1.1 STATUS …" with Content-Length.
std::string response_text(int status, std::string_view body, std::string_view fields = "");

}  // namespace support
