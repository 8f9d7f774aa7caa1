// SPDX-License-Identifier: Apache-2.0
#include "writer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace file_log {

namespace {

constexpr std::size_t k_wake_bytes = 64 * 1024;  // waiting: write without delay
constexpr int k_patience_ms = 1000;              // for a pipe that is full

}  // namespace

Writer::Writer(Options options) : options_(std::move(options)) {
  if (!open())
    throw std::runtime_error(options_.path + " cannot be opened: " + std::strerror(errno));
  // The thread takes no signals of the process.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  if (fd_ >= 0) ::close(fd_);
}

bool Writer::add(const std::string& line) {
  bool wake;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + line.size() > options_.queue_max_bytes) return false;
    const bool below = waiting_.size() < k_wake_bytes;
    waiting_ += line;
    wake = below && waiting_.size() >= k_wake_bytes;
  }
  if (wake) wake_.notify_one();
  return true;
}

std::uint64_t Writer::take_failed() { return failed_.exchange(0); }

void Writer::run() {
  std::string lines;
  for (bool going = true; going;) {
    {
      std::unique_lock lock(mutex_);
      const auto interval = std::chrono::milliseconds(options_.flush_interval_ms);
      wake_.wait_for(lock, interval,
                     [this] { return stopping_ || waiting_.size() >= k_wake_bytes; });
      going = !stopping_;
      lines.swap(waiting_);
    }
    if (!lines.empty()) write(lines);
    lines.clear();
  }
}

bool Writer::open() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = ::open(options_.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
  return fd_ >= 0;
}

// Whether the path names another file by now (log rotation).
bool Writer::moved() const {
  struct stat there {
  }, here{};
  if (fd_ < 0 || ::stat(options_.path.c_str(), &there) != 0 || ::fstat(fd_, &here) != 0)
    return true;
  return there.st_ino != here.st_ino || there.st_dev != here.st_dev;
}

void Writer::write(const std::string& lines) {
  if ((options_.reopen || moved()) && !open()) {
    failed_ += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
    return;
  }
  std::size_t done = 0;
  while (done < lines.size()) {
    const ssize_t n = ::write(fd_, lines.data() + done, lines.size() - done);
    if (n > 0) {
      done += static_cast<std::size_t>(n);
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    pollfd ready{fd_, POLLOUT, 0};
    if (n < 0 && errno == EAGAIN && ::poll(&ready, 1, k_patience_ms) > 0) continue;
    // A disk that is full, a reader that has gone: these lines are lost, and counted.
    failed_ += static_cast<std::uint64_t>(
        std::count(lines.begin() + static_cast<std::ptrdiff_t>(done), lines.end(), '\n'));
    return;
  }
}

}  // namespace file_log
