// SPDX-License-Identifier: Apache-2.0
#include "upstream/pool.hpp"

namespace gw::upstream {

Pool::~Pool() {
  for (auto& [address, host] : hosts_)
    while (!host->idle.empty()) host->idle.front().close();
}

http::ClientConnection* Pool::take(const net::Address& address) {
  const auto found = hosts_.find(address);
  if (found == hosts_.end() || found->second->idle.empty()) return nullptr;
  http::ClientConnection& connection = found->second->idle.front();
  connection.unlink();
  --found->second->count;
  --idle_;
  return &connection;
}

http::ClientConnection* Pool::make(const net::Address& address) {
  return new http::ClientConnection(loop_, buffer_, address);
}

void Pool::give(http::ClientConnection& connection) {
  const bool worn = limits_.max_requests > 0 && connection.requests() >= limits_.max_requests;
  if (!connection.reusable() || worn || limits_.size == 0) return connection.close();
  auto& host = hosts_[connection.address()];
  if (!host) host = std::make_unique<Host>();
  if (host->count >= limits_.size) host->idle.back().close(), --host->count, --idle_;
  host->idle.push_front(connection);
  ++host->count;
  ++idle_;
  connection.idle(*this, limits_.idle_timeout);
}

void Pool::on_idle_closed(http::ClientConnection& connection) {
  --hosts_[connection.address()]->count;
  --idle_;
}

}  // namespace gw::upstream
