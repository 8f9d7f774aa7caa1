// SPDX-License-Identifier: Apache-2.0
// Backoff: how long to wait before dead workers are replaced. One that dies now and then is
// replaced at once; after five deaths in ten seconds there is a wait, twice as long each time that
// a worker dies again within ten seconds of the last wait's end.
#pragma once

#include <cstdint>
#include <deque>

namespace gw::server {

class Backoff {
 public:
  // A worker has died. ms to wait before its replacement; 0: none. Who dies while others wait
  // already waits with them.
  std::uint64_t note(std::uint64_t now_ms);
  // As of the last death: they die too often.
  bool active() const { return wait_ > 0; }
  std::size_t deaths() const { return deaths_.size(); }

  static constexpr std::size_t k_deaths = 5;          // within k_window
  static constexpr std::uint64_t k_window = 10000;    // ms
  static constexpr std::uint64_t k_first_wait = 500;  // ms
  static constexpr std::uint64_t k_max_wait = 10000;  // ms

 private:
  std::deque<std::uint64_t> deaths_;  // ms; the last ones
  std::uint64_t wait_ = 0;
  std::uint64_t until_ = 0;  // the end of the last wait
};

}  // namespace gw::server
