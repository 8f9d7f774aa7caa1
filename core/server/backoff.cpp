// SPDX-License-Identifier: Apache-2.0
#include "server/backoff.hpp"

#include <algorithm>

namespace gw::server {

std::uint64_t Backoff::note(std::uint64_t now_ms) {
  deaths_.push_back(now_ms);
  while (now_ms - deaths_.front() > k_window) deaths_.pop_front();
  if (now_ms < until_) return until_ - now_ms;
  if (wait_ > 0 && now_ms < until_ + k_window)
    wait_ = std::min(k_max_wait, wait_ * 2);
  else
    wait_ = deaths_.size() >= k_deaths ? k_first_wait : 0;
  until_ = now_ms + wait_;
  return wait_;
}

}  // namespace gw::server
