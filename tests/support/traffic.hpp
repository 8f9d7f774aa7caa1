// SPDX-License-Identifier: Apache-2.0
// Traffic: clients that ask without a pause while a test changes something, half of them on one
// kept connection each, half with a new connection for each request. Whatever is not an answer with
// the expected status is a fault.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace support {

class Traffic {
 public:
  explicit Traffic(std::uint16_t port, std::string target = "/", int pairs = 2);
  ~Traffic() { stop(); }
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  std::size_t answered() const { return answered_; }
  // Until so many more have been answered; false at the deadline.
  bool wait_for_more(std::size_t n) const;
  // Ends the clients. What went wrong, one line each.
  std::vector<std::string> stop();

 private:
  void ask_on_kept_connections();
  void ask_on_new_connections();
  void note(const std::string& fault);

  std::uint16_t port_;
  std::string target_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> answered_{0};
  std::mutex mutex_;
  std::vector<std::string> faults_;
  std::vector<std::thread> clients_;
};

}  // namespace support
