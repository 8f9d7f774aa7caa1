// SPDX-License-Identifier: Apache-2.0
// Writer: takes whole lines from the worker and writes them to the file in a thread of its own, so
// that a slow disk holds up nobody. Two buffers: one is filled, the other written. Made and
// destroyed on the worker's thread; destruction writes what waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace file_log {

class Writer {
 public:
  struct Options {
    std::string path;
    bool reopen = false;
    std::uint64_t flush_interval_ms = 200;
    std::uint64_t queue_max_bytes = 8 << 20;
  };
  // Throws std::runtime_error when the file cannot be opened.
  explicit Writer(Options options);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Takes one line with its line end. false: the queue is full, the line is dropped.
  bool add(const std::string& line);
  // Bytes of lines lost to failed writes since the last call, as lines.
  std::uint64_t take_failed();

 private:
  void run();
  void write(const std::string& lines);
  bool open();
  bool moved() const;

  Options options_;
  int fd_ = -1;
  std::atomic<std::uint64_t> failed_{0};
  std::mutex mutex_;  // held for the swap of two buffers only
  std::condition_variable wake_;
  std::string waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace file_log
