// SPDX-License-Identifier: Apache-2.0
// Pauses: the requests that wait for a plugin. A token is a place in a table with a generation,
// never a pointer: one whose pause has ended names nothing. Every pause has a deadline. The loop's
// thread only; other threads come through the mailbox.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "net/deadline.hpp"
#include "net/loop.hpp"

namespace gw::plugin {

struct Request;

class Pauses {
 public:
  explicit Pauses(net::Loop& loop) : loop_(loop) {}

  // Never 0.
  std::uint64_t begin(Request& request, std::uint64_t timeout_ms);
  // Wakes the request with a value. A stale token is ignored.
  void resume(std::uint64_t token, std::int64_t value);
  // Forgets a pause.
  void end(std::uint64_t token);

 private:
  struct Pause {
    Pause(Pauses& o, std::uint32_t p);
    Pauses& owner;
    std::uint32_t place;
    std::uint32_t generation = 1;
    Request* request = nullptr;  // null: free
    net::Deadline deadline;
  };
  Pause* find(std::uint64_t token);
  static std::uint64_t token_of(const Pause& pause) {
    return std::uint64_t(pause.generation) << 32 | pause.place;
  }

  net::Loop& loop_;
  std::vector<std::unique_ptr<Pause>> all_;
  std::vector<std::uint32_t> free_;
};

}  // namespace gw::plugin
