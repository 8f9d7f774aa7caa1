// SPDX-License-Identifier: Apache-2.0
#include "shared/robust_mutex.hpp"

#include <cerrno>
#include <ctime>

#include "base/check.hpp"

namespace gw::shared {

void RobustMutex::init() {
  pthread_mutexattr_t attributes;
  check(pthread_mutexattr_init(&attributes) == 0);
  check(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0);
  check(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
  check(pthread_mutex_init(&mutex_, &attributes) == 0);
  pthread_mutexattr_destroy(&attributes);
}

namespace {

// ThreadSanitizer of GCC 12 does not see that pthread_mutex_clocklock locks, and then reports the
// unlock; it knows pthread_mutex_timedlock, whose clock may jump.
#ifdef __SANITIZE_THREAD__
constexpr clockid_t k_clock = CLOCK_REALTIME;
int lock_until(pthread_mutex_t* mutex, const timespec& until) {
  return pthread_mutex_timedlock(mutex, &until);
}
#else
constexpr clockid_t k_clock = CLOCK_MONOTONIC;
int lock_until(pthread_mutex_t* mutex, const timespec& until) {
  return pthread_mutex_clocklock(mutex, k_clock, &until);
}
#endif

}  // namespace

RobustMutex::Got RobustMutex::lock(std::uint64_t wait_ms) {
  int result = pthread_mutex_trylock(&mutex_);
  if (result == EBUSY) {
    timespec until{};
    clock_gettime(k_clock, &until);
    const std::uint64_t nanoseconds = std::uint64_t(until.tv_nsec) + (wait_ms % 1000) * 1'000'000;
    until.tv_sec += time_t(wait_ms / 1000 + nanoseconds / 1'000'000'000);
    until.tv_nsec = long(nanoseconds % 1'000'000'000);
    result = lock_until(&mutex_, until);
  }
  if (result == 0) return Got::clean;
  if (result == EOWNERDEAD) return Got::after_death;
  check(result == ETIMEDOUT);
  return Got::busy;
}

void RobustMutex::repaired() { check(pthread_mutex_consistent(&mutex_) == 0); }

void RobustMutex::unlock() { check(pthread_mutex_unlock(&mutex_) == 0); }

}  // namespace gw::shared
