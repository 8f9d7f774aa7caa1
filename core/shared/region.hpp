// SPDX-License-Identifier: Apache-2.0
// Region: the memory that the supervisor and all workers share (a memfd, mapped by each; pages are
// taken when they are first touched). A fixed part (worker board, names, directories of stores and
// metrics) and an allocator that only hands out. It holds no pointers, since each process maps it
// elsewhere. The rule for whatever is built in it: fill memory first, publish it by one store, so
// that a process may die at any instruction and leave at most memory that nobody uses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/result.hpp"

namespace gw::shared {

class HealthTable;
class Kv;
class Metrics;
class Names;
class RobustMutex;
class WorkerBoard;

// Where the parts of the fixed part begin; 0: not made yet.
enum class Root : std::uint8_t { board, names, kv, metrics, health, count };

class Region {
 public:
  static constexpr std::size_t k_min_bytes = 1 << 20;

  // For so many workers, each with two slots: while a fresh process takes over from an old one both
  // are at work.
  static Result<std::unique_ptr<Region>> create(std::size_t bytes, std::uint32_t workers);
  // Maps an existing one; fd is duplicated. An error if it was made by another version.
  static Result<std::unique_ptr<Region>> attach(int fd);
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  int fd() const { return fd_; }
  std::size_t bytes() const { return bytes_; }
  std::size_t used() const;
  std::uint32_t slots() const;
  // Random bytes, the same for all that share the region, that no one else knows: of TLS session
  // tickets.
  static constexpr std::size_t k_ticket_secret = 32;
  std::string_view ticket_secret() const;

  // The slot that this process writes: its entry on the board and its shard of the metrics. Before
  // anything is counted; a process that takes over a slot goes on where the former one stopped.
  void use_slot(std::uint32_t slot);
  std::uint32_t slot() const { return slot_; }

  WorkerBoard& board() { return *board_; }
  Names& names() { return *names_; }
  Kv& kv() { return *kv_; }
  Metrics& metrics() { return *metrics_; }
  HealthTable& health() { return *health_; }

  // For the parts. Guards everything that is made at configuration time; never taken per request.
  RobustMutex& mutex();
  // Zeroed memory, aligned to 64; its offset, or 0 when there is no room. REQUIRES: mutex() held.
  std::uint64_t allocate(std::size_t n);
  // REQUIRES: an offset that allocate() or root() told.
  template <class T>
  T* at(std::uint64_t offset) const {
    return reinterpret_cast<T*>(base_ + offset);
  }
  std::uint64_t root(Root which) const;
  void set_root(Root which, std::uint64_t offset);

 private:
  struct Header;
  Region(int fd, char* base, std::size_t bytes);
  Header& header() const;
  // Makes or finds them; false when there is no room.
  bool open_parts();

  int fd_;
  char* base_;
  std::size_t bytes_;
  std::uint32_t slot_ = 0;
  std::unique_ptr<WorkerBoard> board_;
  std::unique_ptr<Names> names_;
  std::unique_ptr<Kv> kv_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<HealthTable> health_;
};

}  // namespace gw::shared
