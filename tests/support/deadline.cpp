// SPDX-License-Identifier: Apache-2.0
#include "support/deadline.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace support {

int slowness() {
  const char* text = std::getenv("TEST_SLOWNESS");
  const int factor = text ? std::atoi(text) : 1;
  return factor < 1 ? 1 : factor;
}

Deadline::Deadline(Milliseconds time) : when_(Clock::now() + time * slowness()) {}

int Deadline::left_ms() const {
  const auto left = std::chrono::ceil<Milliseconds>(when_ - Clock::now()).count();
  return left < 0 ? 0 : int(left);
}

void wait_for_fd(int fd, short events, const Deadline& deadline, const std::string& what) {
  for (;;) {
    pollfd one{fd, events, 0};
    const int n = ::poll(&one, 1, deadline.left_ms());
    if (n > 0) return;
    if (n == 0) throw Timeout("timed out waiting for " + what);
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  }
}

void Event::set() {
  std::lock_guard lock(mutex_);
  set_ = true;
  changed_.notify_all();
}

bool Event::is_set() {
  std::lock_guard lock(mutex_);
  return set_;
}

bool Event::wait(const Deadline& deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline.when(), [this] { return set_; });
}

}  // namespace support
