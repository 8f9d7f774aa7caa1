// SPDX-License-Identifier: Apache-2.0
// Deadlines of tests: every wait has one, and names itself when it is missed. Sanitized builds are
// slow, so they are given more time by TEST_SLOWNESS (a factor, default 1).
#pragma once

#include <poll.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>

namespace support {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;
// TEST_SLOWNESS.
int slowness();

// A wait that took too long. The test ends with what it waited for.
class Timeout : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Deadline {
 public:
  explicit Deadline(Milliseconds time = Milliseconds(10000));
  explicit Deadline(Clock::time_point when) : when_(when) {}
  int left_ms() const;  // 0: it has passed
  Clock::time_point when() const { return when_; }

 private:
  Clock::time_point when_;
};

// Waits for `events` of fd. Throws Timeout("… waiting for WHAT").
void wait_for_fd(int fd, short events, const Deadline& deadline, const std::string& what);

// A thing that happens once in one thread and is waited for in another.
class Event {
 public:
  void set();
  bool is_set();
  // False at the deadline.
  bool wait(const Deadline& deadline = Deadline());

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

// Looks again until it is true; for what has no event to wait for (a pid in /proc, a line in a
// file). False at the deadline.
template <typename Predicate>
bool wait_until(Predicate predicate, const Deadline& deadline = Deadline()) {
  while (!predicate()) {
    if (deadline.left_ms() == 0) return false;
    ::poll(nullptr, 0, 2);
  }
  return true;
}

}  // namespace support
