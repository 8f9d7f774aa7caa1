// SPDX-License-Identifier: Apache-2.0
// Where the counts of a policy are kept, and the one operation on them: take one from every window,
// or from none.
//
// LocalCounters is the policy `local`: gw.kv/1, one count for all workers. A policy that asks a
// server implements the same interface.
#pragma once

#include <array>
#include <vector>

#include "gatewright/plugin.hpp"
#include "key.hpp"

namespace rate_limiting {

// One configured period, as it stands now. `limit` comes from the configuration, the rest follows
// the clock (Windows).
struct Window {
  Period period;
  std::int64_t limit;
  Span span;
  Key::Prefix prefix;
};

// The configured windows on one worker, smallest first; computed anew only when one is over.
class Windows {
 public:
  Windows(const Hash& scope, const std::vector<std::pair<Period, std::int64_t>>& limits);
  // REQUIRES before reading: moved to the time of the request.
  void move_to(std::int64_t unix_seconds);
  std::size_t size() const { return n_; }
  const Window& operator[](std::size_t i) const { return windows_[i]; }

 private:
  Hash scope_;
  std::array<Window, k_periods> windows_;
  std::size_t n_ = 0;
};

enum class Outcome : std::uint8_t { allowed, refused, failed };

// What is left in each window afterwards, never below 0; not filled when the outcome is `failed`.
struct Usage {
  std::int64_t remaining[k_periods];
  std::uint32_t refused_by;  // index of the window that was used up
};

class Counters {
 public:
  virtual ~Counters() = default;
  virtual Outcome take(const Windows& windows, const Identity& identity, std::int64_t unix_seconds,
                       Usage& usage) const = 0;
};

class LocalCounters final : public Counters {
 public:
  explicit LocalCounters(gw::store store) : store_(store) {}
  Outcome take(const Windows& windows, const Identity& identity, std::int64_t unix_seconds,
               Usage& usage) const override;

 private:
  gw_status add(const Window& window, const Identity& identity, std::int64_t unix_seconds,
                std::int64_t delta, std::int64_t* now) const;
  void give_back(const Windows& windows, std::size_t taken, const Identity& identity,
                 std::int64_t unix_seconds, Usage& usage) const;
  void look(const Windows& windows, std::size_t from, const Identity& identity,
            std::int64_t unix_seconds, Usage& usage) const;

  gw::store store_;
};

}  // namespace rate_limiting
