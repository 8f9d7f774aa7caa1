// SPDX-License-Identifier: Apache-2.0
// RobustMutex: a lock in the shared region. A holder that dies at any instruction does not keep it:
// the next one gets it with `after_death`, repairs what the lock guards, and says so. Waits are
// bounded, since a worker's loop may not stand still because another process was stopped.
#pragma once

#include <pthread.h>

#include <cstdint>

namespace gw::shared {

class RobustMutex {
 public:
  enum class Got : std::uint8_t { clean, after_death, busy };

  // Once, by whoever makes the memory, before anybody else sees it.
  void init();
  // after_death: the caller holds it and must repair, then call repaired() before unlock().
  Got lock(std::uint64_t wait_ms);
  void repaired();
  void unlock();

 private:
  pthread_mutex_t mutex_;
};

// Holds a RobustMutex for a scope. Repair: void(), run first if the former holder died; it may be
// cut short by a death too, so running it twice must do no harm.
class RobustLock {
 public:
  template <class Repair>
  RobustLock(RobustMutex& mutex, std::uint64_t wait_ms, Repair&& repair) : mutex_(mutex) {
    const RobustMutex::Got got = mutex.lock(wait_ms);
    held_ = got != RobustMutex::Got::busy;
    if (got == RobustMutex::Got::after_death) [[unlikely]] {
      repair();
      mutex.repaired();
    }
  }
  ~RobustLock() {
    if (held_) mutex_.unlock();
  }
  RobustLock(const RobustLock&) = delete;
  RobustLock& operator=(const RobustLock&) = delete;

  bool held() const { return held_; }

 private:
  RobustMutex& mutex_;
  bool held_;
};

}  // namespace gw::shared
