// SPDX-License-Identifier: Apache-2.0
// AdminSide: serves the pages on admin_listen or status_listen, over the same HTTP layer as the
// proxy. One for each side in each worker. Only GET and HEAD: everything else is answered 405, but
// below /plugin-api/, where plugins serve what they like.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "admin/pages.hpp"
#include "http/server_connection.hpp"

namespace gw::admin {

class AdminSide final : public http::ExchangeFactory {
 public:
  AdminSide(net::Loop& loop, Side side, StateSource source);
  ~AdminSide();
  AdminSide(const AdminSide&) = delete;
  AdminSide& operator=(const AdminSide&) = delete;

  http::ServerExchange& take() override;
  void give(http::ServerExchange& exchange) override;
  void refuse(http::ServerConnection& connection, http::Refusal refusal) override;

  // Limits that suit an admin listener.
  static http::ServerLimits limits();

 private:
  class Exchange;
  net::Loop& loop_;
  Side side_;
  StateSource source_;
  std::vector<std::unique_ptr<Exchange>> all_;
  std::vector<Exchange*> free_;
};

}  // namespace gw::admin
