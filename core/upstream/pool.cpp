// SPDX-License-Identifier: Apache-2.0
#include "upstream/pool.hpp"

#include <algorithm>

namespace gw::upstream {

Pool::~Pool() {
  for (auto& [address, host] : hosts_)
    while (!host->idle.empty()) host->idle.front().close();
}

std::size_t Pool::Hash::operator()(const http::Destination& destination) const {
  const std::size_t address = net::AddressHash{}(destination.address);
  if (destination.tls == nullptr) return address;
  return address ^ std::hash<std::string_view>{}(destination.server_name) ^
         std::hash<const void*>{}(destination.tls);
}

bool Pool::Equal::operator()(const http::Destination& a, const http::Destination& b) const {
  return a.tls == b.tls && a.address == b.address &&
         (a.tls == nullptr || a.server_name == b.server_name);
}

http::ClientConnection* Pool::take(const http::Destination& destination) {
  const auto found = hosts_.find(destination);
  if (found == hosts_.end() || found->second->idle.empty()) return nullptr;
  http::ClientConnection& connection = found->second->idle.front();
  connection.unlink();
  --found->second->count;
  --idle_;
  return &connection;
}

http::ClientConnection* Pool::make(const http::Destination& destination) {
  return new http::ClientConnection(loop_, buffer_, destination);
}

Pool::Host& Pool::host_of(const http::Destination& destination) {
  const auto found = hosts_.find(destination);
  if (found != hosts_.end()) return *found->second;
  if (hosts_.size() >= most_hosts_) forget_empty();
  auto made = std::make_unique<Host>();
  if (destination.tls != nullptr) made->tls = destination.tls->shared_from_this();
  made->server_name = destination.server_name;
  const http::Destination key{destination.address, destination.tls, made->server_name};
  return *hosts_.emplace(key, std::move(made)).first->second;
}

void Pool::give(http::ClientConnection& connection) {
  const bool worn = limits_.max_requests > 0 && connection.requests() >= limits_.max_requests;
  if (!connection.reusable() || worn || limits_.size == 0) return connection.close();
  Host& host = host_of(connection.destination());
  if (host.count >= limits_.size) host.idle.back().close(), --host.count, --idle_;
  host.idle.push_front(connection);
  ++host.count;
  ++idle_;
  connection.idle(*this, limits_.idle_timeout);
}

// Where nothing idles any more, so that targets that are gone leave nothing behind.
void Pool::on_idle_closed(http::ClientConnection& connection) {
  const auto found = hosts_.find(connection.destination());
  connection.unlink();
  if (--found->second->count == 0) hosts_.erase(found);
  --idle_;
}

// Those whose last connection was taken and did not come back. Done when there are twice as many as
// the last time, so that it costs each new one a constant.
void Pool::forget_empty() {
  std::erase_if(hosts_, [](const auto& entry) { return entry.second->count == 0; });
  most_hosts_ = std::max(k_few_hosts, 2 * hosts_.size());
}

}  // namespace gw::upstream
