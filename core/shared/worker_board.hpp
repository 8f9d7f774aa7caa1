// SPDX-License-Identifier: Apache-2.0
// WorkerBoard: what each worker process shows of itself to the others: who it is, what state it is
// in, how much it does, and the breadcrumb: which plugin's callback it is in, for which route and
// request. The breadcrumb is one word, written by one plain store at each callback, so that the
// supervisor and the fatal-signal handler can name the culprit of a crash or a hang. Each slot has
// one writer: the worker of the slot (the supervisor where the comment says so).
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace gw::shared {

class Names;
class Region;

enum class WorkerState : std::uint32_t { none, starting, ready, draining, dead };
std::string_view to_string(WorkerState state);

// The first eight have the numbers of gatewright/phase.h.
enum class Where : std::uint8_t {
  none,
  rewrite,
  request,
  request_body,
  upstream,
  response,
  response_body,
  log,
  load,      // module_init, instance_new, instance_free
  start,     // worker_start, worker_stop
  callback,  // timers, results of HTTP calls, posted work
  admin,
  count
};
std::string_view to_string(Where where);

// A number that one thread writes and others read. Adding is a plain load and store.
class Tally {
 public:
  void add(std::int64_t n) { set(get() + n); }
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::int64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_;
};

struct Breadcrumb {
  std::uint32_t plugin = 0;  // numbers in Names
  std::uint32_t route = 0;
  Where where = Where::none;
  std::uint32_t sequence = 0;  // differs between callbacks that follow each other
};

struct alignas(64) WorkerSlot {
  std::atomic<std::int32_t> pid;          // by the supervisor; 0: none
  std::atomic<std::uint32_t> index;       // by the supervisor
  std::atomic<WorkerState> state;         // `dead` by the supervisor
  std::atomic<std::uint32_t> starts;      // processes that had this slot; by the supervisor
  std::atomic<std::uint64_t> generation;  // of the configuration that it serves

  // Brought up to date before the worker sleeps. What has been counted goes on where the process
  // before stopped.
  alignas(64) Tally connections_active;  // clients'
  Tally connections_accepted;
  Tally requests;
  Tally reading;  // connections by what they do now
  Tally writing;
  Tally waiting;
  Tally tunnels;         // open now
  Tally tunnels_opened;  // ever

  // Now in this plugin's callback. Packed: plugin 16, route 16, where 8, sequence 24 bits.
  alignas(64) std::atomic<std::uint64_t> breadcrumb;
  std::atomic<std::uint32_t>
      watched;          // set by the worker, taken back by the watchdog when it rests
  char request_id[40];  // of the callback that runs or ran; ends with a NUL

  // A callback begins. False: nobody watches this worker (WorkerBoard::call_watchdog).
  bool enter(std::uint32_t plugin, std::uint32_t route, Where where) {
    const std::uint64_t sequence =
        (breadcrumb.load(std::memory_order_relaxed) + (1ull << 40)) & ~((1ull << 40) - 1);
    breadcrumb.store(sequence | std::uint64_t(where) << 32 | std::uint64_t(route & 0xffff) << 16 |
                         (plugin & 0xffff),
                     std::memory_order_relaxed);
    return watched.load(std::memory_order_relaxed) != 0;
  }
  void leave() {
    breadcrumb.store(breadcrumb.load(std::memory_order_relaxed) & ~((1ull << 40) - 1),
                     std::memory_order_relaxed);
  }
  // Whose callback it is; cut at 39 bytes. The gateway's own ids are 32: two vector stores.
  void note_request(std::string_view id) {
    constexpr std::size_t k_own = 32;
    if (id.size() == k_own) [[likely]] {
      std::memcpy(request_id, id.data(), k_own);
      request_id[k_own] = 0;
      return;
    }
    const std::size_t n = id.size() < sizeof request_id ? id.size() : sizeof request_id - 1;
    if (n > 0) std::memcpy(request_id, id.data(), n);
    request_id[n] = 0;
  }

  // Async-signal-safe.
  Breadcrumb last() const;
  std::string_view last_request() const;
};

class WorkerBoard {
 public:
  // Makes the board in the region or finds it; null when there is no room.
  static std::unique_ptr<WorkerBoard> open(Region& region);

  std::span<WorkerSlot> slots() const { return slots_; }
  // This process' own: region.slot().
  WorkerSlot& mine() const;
  // From the worker: plugins run again, and the watchdog sleeps. on_unwatched is what this process
  // does about it; empty: nobody is to be told.
  void call_watchdog();
  std::function<void()> on_unwatched;
  // For the supervisor. A process is about to begin in this slot: before it is made, since it
  // writes its slot from its first moment on. What is counted of the present (open connections) is
  // zeroed; what is counted for ever stays.
  void begin(std::uint32_t slot, std::uint32_t index);
  void started(std::uint32_t slot, std::int32_t pid);
  // It has ended, or could not be made.
  void end(std::uint32_t slot);

 private:
  WorkerBoard(Region& region, std::span<WorkerSlot> slots) : region_(region), slots_(slots) {}
  Region& region_;
  std::span<WorkerSlot> slots_;
};

}  // namespace gw::shared
