// SPDX-License-Identifier: Apache-2.0
#include "support/traffic.hpp"

#include <optional>

#include "support/raw_client.hpp"

namespace support {

Traffic::Traffic(std::uint16_t port, std::string target, int pairs)
    : port_(port), target_(std::move(target)) {
  for (int i = 0; i < pairs; ++i) {
    clients_.emplace_back([this] { ask_on_kept_connections(); });
    clients_.emplace_back([this] { ask_on_new_connections(); });
  }
}

bool Traffic::wait_for_more(std::size_t n) const {
  const std::size_t wanted = answered_ + n;
  return wait_until([&] { return answered_ >= wanted; });
}

std::vector<std::string> Traffic::stop() {
  stopping_ = true;
  for (auto& client : clients_)
    if (client.joinable()) client.join();
  return faults_;
}

void Traffic::note(const std::string& fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(fault);
}

void Traffic::ask_on_kept_connections() {
  std::optional<RawClient> client;
  while (!stopping_) {
    try {
      if (!client) client.emplace(port_);
      const auto answer = client->get(target_);
      ++answered_;
      if (answer.status != 200) note("kept: status " + std::to_string(answer.status));
      if (same_name(answer.value("Connection"), "close")) client.reset();
    } catch (const std::exception& error) {
      note(std::string("kept: ") + error.what());
      client.reset();
    }
  }
}

void Traffic::ask_on_new_connections() {
  while (!stopping_) {
    try {
      const auto answer = support::get(port_, target_, "Connection: close\r\n");
      ++answered_;
      if (answer.status != 200) note("new: status " + std::to_string(answer.status));
    } catch (const std::exception& error) {
      note(std::string("new: ") + error.what());
    }
  }
}

}  // namespace support
