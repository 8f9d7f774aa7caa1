// SPDX-License-Identifier: Apache-2.0
#include "upstream/pool.hpp"

#include <algorithm>

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
  if (!host) {
    host = std::make_unique<Host>();
    if (hosts_.size() > most_hosts_) forget_empty(connection.address());
  }
  if (host->count >= limits_.size) host->idle.back().close(), --host->count, --idle_;
  host->idle.push_front(connection);
  ++host->count;
  ++idle_;
  connection.idle(*this, limits_.idle_timeout);
}

// Where nothing idles any more, so that targets that are gone leave nothing behind.
void Pool::on_idle_closed(http::ClientConnection& connection) {
  const auto found = hosts_.find(connection.address());
  connection.unlink();
  if (--found->second->count == 0) hosts_.erase(found);
  --idle_;
}

// Those whose last connection was taken and did not come back. Done when there are twice as many as
// the last time, so that it costs each new one a constant.
void Pool::forget_empty(const net::Address& but) {
  std::erase_if(
      hosts_, [&](const auto& entry) { return entry.second->count == 0 && !(entry.first == but); });
  most_hosts_ = std::max(k_few_hosts, 2 * hosts_.size());
}

}  // namespace gw::upstream
