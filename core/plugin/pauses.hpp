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

struct Paused;
struct Resumable;
enum class Phase : std::uint8_t;

class Pauses {
 public:
  explicit Pauses(net::Loop& loop) : loop_(loop) {}

  // The token, also in the place; never 0. body: the body phase that waits, or none.
  std::uint64_t begin(Paused& place, Resumable& owner, Phase body, std::uint64_t timeout_ms);
  // Wakes the owner with a value. A stale token is ignored.
  void resume(std::uint64_t token, std::int64_t value);
  // Forgets a pause, if there is one.
  void end(Paused& place);

 private:
  struct Pause {
    Pause(Pauses& o, std::uint32_t p);
    Pauses& owner;
    std::uint32_t place;
    std::uint32_t generation = 1;
    Paused* waiting = nullptr;  // null: free
    Resumable* resumable = nullptr;
    Phase body{};
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
