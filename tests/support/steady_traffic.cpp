// SPDX-License-Identifier: Apache-2.0
#include "support/steady_traffic.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "support/raw_client.hpp"

namespace support {

namespace {

// So many that the rate is held while each waits for a timeout.
constexpr int k_clients = 100;

}  // namespace

std::size_t Seen::slower(double ms) const {
  return std::size_t(
      std::count_if(times.begin(), times.end(), [&](double one) { return one > ms; }));
}

SteadyTraffic::SteadyTraffic(std::uint16_t port, int per_second) : port_(port) {
  const auto every =
      std::chrono::duration_cast<Clock::duration>(std::chrono::seconds(1)) * k_clients / per_second;
  for (int i = 0; i < k_clients; ++i)
    clients_.emplace_back([this, i, every] { ask(i, k_clients, every); });
}

void SteadyTraffic::ask(int client, int clients, Clock::duration every) {
  std::optional<RawClient> connection;
  std::vector<Asked> mine;
  auto next = Clock::now() + every * client / clients;
  while (!stopped_.wait(Deadline(next))) {
    Asked asked;
    asked.at = Clock::now();
    try {
      if (!connection) connection.emplace(port_);
      const auto answer = connection->get("/");
      if (answer.status != 200) asked.fault = "status " + std::to_string(answer.status);
      asked.body = answer.body;
      if (same_name(answer.value("Connection"), "close")) connection.reset();
    } catch (const std::exception& error) {
      asked.fault = error.what();
      connection.reset();
    }
    asked.ms = std::chrono::duration<double, std::milli>(Clock::now() - asked.at).count();
    mine.push_back(std::move(asked));
    ++answered_;
    next = std::max(next + every, Clock::now());
  }
  const std::lock_guard lock(mutex_);
  all_.insert(all_.end(), mine.begin(), mine.end());
}

bool SteadyTraffic::wait_for_more(std::size_t n) const {
  const std::size_t wanted = answered_ + n;
  return wait_until([&] { return answered_ >= wanted; });
}

void SteadyTraffic::stop() {
  stopped_.set();
  for (auto& client : clients_)
    if (client.joinable()) client.join();
}

Seen SteadyTraffic::seen(Clock::time_point from, Clock::time_point to) const {
  Seen out;
  for (const Asked& asked : all_) {
    if (asked.at < from || asked.at >= to) continue;
    ++out.count;
    out.times.push_back(asked.ms);
    out.slowest_ms = std::max(out.slowest_ms, asked.ms);
    if (!asked.fault.empty()) out.faults.push_back(asked.fault);
  }
  return out;
}

void tell_fault(const std::string& fault, const Seen& seen) {
  std::printf("| %s | %zu | %zu | %zu | %.0f |\n", fault.c_str(), seen.count, seen.faults.size(),
              seen.slower(100), seen.slowest_ms);
}

}  // namespace support
