// SPDX-License-Identifier: Apache-2.0
// Pool: idle connections to targets, kept for reuse, per worker. Last in, first out, so that few
// stay warm and the rest time out. Lives as long as the worker: connections survive a new
// configuration.
#pragma once

#include <memory>
#include <unordered_map>

#include "http/client_connection.hpp"

namespace gw::upstream {

struct KeepaliveLimits {
  std::uint32_t size = 512;            // idle ones per target address; 0: none is kept
  std::uint64_t max_requests = 10000;  // 0: no limit
  std::uint64_t idle_timeout = 60000;  // ms; 0: no limit
};

class Pool final : private http::ClientConnection::Keeper {
 public:
  Pool(net::Loop& loop, http::WriteBuffer& buffer) : loop_(loop), buffer_(buffer) {}
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void set_limits(const KeepaliveLimits& limits) { limits_ = limits; }

  // An idle connection, or null. The caller owns it: reuse() it, then give() or close() it.
  http::ClientConnection* take(const http::Destination& destination);
  // A new one, not connected. Owned as above.
  http::ClientConnection* make(const http::Destination& destination);
  // Keeps it if it can serve another request, else closes it.
  void give(http::ClientConnection& connection);

  std::uint64_t idle() const { return idle_; }
  std::size_t hosts() const { return hosts_.size(); }  // that it keeps a list for

 private:
  // Connections to one destination. It lives behind its key, which its connections bear, too.
  struct Host {
    List<http::ClientConnection> idle;
    std::uint32_t count = 0;
    std::shared_ptr<net::TlsClientContext> tls{};
    std::string server_name{};
  };
  struct Hash {
    std::size_t operator()(const http::Destination& destination) const;
  };
  struct Equal {
    bool operator()(const http::Destination& a, const http::Destination& b) const;
  };
  static constexpr std::size_t k_few_hosts = 64;
  Host& host_of(const http::Destination& destination);
  void forget_empty();
  void on_idle_closed(http::ClientConnection& connection) override;

  net::Loop& loop_;
  http::WriteBuffer& buffer_;
  KeepaliveLimits limits_;
  std::unordered_map<http::Destination, std::unique_ptr<Host>, Hash, Equal> hosts_;
  std::size_t most_hosts_ = k_few_hosts;
  std::uint64_t idle_ = 0;
};

}  // namespace gw::upstream
