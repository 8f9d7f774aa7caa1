// SPDX-License-Identifier: Apache-2.0
// SteadyTraffic: GETs at a steady rate, whatever becomes of them, on kept connections. Each answer
// is written down with its time, so that a test can say what clients saw of a fault.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/deadline.hpp"

namespace support {

struct Asked {
  Clock::time_point at;  // when it was sent
  double ms = 0;         // until its answer
  std::string fault;     // empty: 200
  std::string body;
};

// What clients saw between two times.
struct Seen {
  std::size_t count = 0;
  std::vector<std::string> faults;
  double slowest_ms = 0;
  std::size_t slower(double ms) const;
  std::vector<double> times;
};

class SteadyTraffic {
 public:
  explicit SteadyTraffic(std::uint16_t port, int per_second = 500);
  ~SteadyTraffic() { stop(); }
  SteadyTraffic(const SteadyTraffic&) = delete;
  SteadyTraffic& operator=(const SteadyTraffic&) = delete;

  // Until this many more have been answered; false at the deadline.
  bool wait_for_more(std::size_t n) const;
  void stop();
  // Of requests that were sent from `from` to `to`. REQUIRES: stopped.
  Seen seen(Clock::time_point from = {}, Clock::time_point to = Clock::time_point::max()) const;
  // REQUIRES: stopped.
  const std::vector<Asked>& all() const { return all_; }

 private:
  void ask(int client, int clients, Clock::duration every);

  std::uint16_t port_;
  std::atomic<std::size_t> answered_{0};
  std::mutex mutex_;
  std::vector<Asked> all_;
  Event stopped_;
  std::vector<std::thread> clients_;
};

// A line for a table of faults, on standard output.
void tell_fault(const std::string& fault, const Seen& seen);

}  // namespace support
