// SPDX-License-Identifier: Apache-2.0
// Processes for tests of shared memory: fork a piece of work, kill it or wait for its end.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace gw::test {

class Child {
 public:
  // work() runs in the child, which ends with what it returns.
  template <class Work>
  explicit Child(Work&& work) : pid_(fork()) {
    if (pid_ == 0) _exit(std::forward<Work>(work)());
  }
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  ~Child() {
    if (pid_ > 0) kill();
  }

  // -1 when it did not end by itself.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void kill() {
    ::kill(pid_, SIGKILL);
    wait();
  }

 private:
  pid_t pid_;
};

}  // namespace gw::test
