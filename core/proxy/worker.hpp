// SPDX-License-Identifier: Apache-2.0
// Worker: what all exchanges of one loop share: the runtime that new requests begin with, the
// pools, the resolver. It gives exchanges to the connections of its listeners.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http/server_connection.hpp"
#include "net/line_limit.hpp"
#include "net/resolver.hpp"
#include "proxy/exchange.hpp"
#include "proxy/prober.hpp"
#include "proxy/runtime.hpp"
#include "upstream/pool.hpp"

namespace gw::proxy {

class Worker final : public http::ExchangeFactory {
 public:
  Worker(net::Loop& loop, shared::HealthTable& health);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // New requests begin with it from now on.
  void use(std::shared_ptr<Runtime> runtime);
  const std::shared_ptr<Runtime>& runtime() const { return runtime_; }
  // Lets go of the runtime, so that its plugins end. REQUIRES: no exchange runs.
  void forget() {
    prober_.watch(nullptr);
    runtime_.reset();
  }
  // Ends the plugins and keeps the rest, which their last calls need. REQUIRES: no exchange runs or
  // begins.
  void end_plugins() {
    if (runtime_) runtime_->end_plugins();
  }

  http::ServerExchange& take() override;
  void give(http::ServerExchange& exchange) override;
  void refuse(http::ServerConnection& connection, http::Refusal refusal) override;
  void turn_away(http::ServerConnection& connection) override;
  // More runs, or more is held in memory, than the settings allow: new requests are answered 503.
  bool overloaded() const { return running > max_running_ || loop.held_bytes() > max_held_bytes_; }

  // An error that the gateway made, by its reason code.
  void count_error(std::string_view code);
  const std::map<std::string, std::uint64_t, std::less<>>& errors() const { return errors_; }
  // 32 hex characters.
  static void make_request_id(char* out);

  net::Loop& loop;
  http::WriteBuffer buffer;
  http::Admission admission;
  upstream::Pool pool;
  net::Resolver resolver;
  net::LineLimit failure_lines;  // for all that requests can write into the error log
  std::uint64_t requests = 0;
  std::uint64_t running = 0;
  std::uint64_t tunnels = 0;         // running requests that have become one
  std::uint64_t tunnels_opened = 0;  // ever
  // Told of each error by reason code, beside the map above; null: nobody.
  void (*on_error)(void* context, std::string_view code) = nullptr;
  void* on_error_context = nullptr;

 private:
  static constexpr std::size_t k_max_reasons = 256;

  shared::HealthTable* health_;
  Prober prober_;
  std::shared_ptr<Runtime> runtime_;
  std::uint64_t max_running_ = UINT64_MAX;
  std::uint64_t max_held_bytes_ = UINT64_MAX;
  std::vector<std::unique_ptr<Exchange>> all_;
  std::vector<Exchange*> free_;
  std::map<std::string, std::uint64_t, std::less<>> errors_;
};

}  // namespace gw::proxy
