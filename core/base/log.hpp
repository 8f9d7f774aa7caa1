// SPDX-License-Identifier: Apache-2.0
// The error log: one line per event, `TIME LEVEL SOURCE: text key=value …`, whole lines, to stderr
// or a file. Control bytes in text and values are escaped. Any thread may write.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace gw::log {

enum class Level : std::int32_t { debug = 0, info = 1, notice = 2, warn = 3, error = 4 };

struct Pair {
  std::string_view key;
  std::string_view value;
};

// The level below which lines are dropped. Plugins read it through a pointer (gw_host.log_level).
extern std::atomic<std::int32_t> g_level;
void set_level(Level level);
inline bool enabled(Level level) {
  return std::int32_t(level) >= g_level.load(std::memory_order_relaxed);
}
// "debug", "info", "notice", "warn", "error" and Kong's "crit", "alert", "emerg" (as error).
Result<Level> parse_level(std::string_view name);

// What stands before each line of this process: "supervisor", "worker 0".
void set_source(std::string source);
// Appends to a file from now on; empty: stderr. On error the old target stays.
Status open(const std::string& path);
// Opens the file of the last open() again: it was moved away (logrotate). On error lines go on to
// the old one.
Status reopen();
// Where lines go, for a handler of fatal signals. Async-signal-safe.
int descriptor();

void write(Level level, std::string_view text, const Pair* pairs, std::size_t n);
inline void write(Level level, std::string_view text, std::initializer_list<Pair> pairs = {}) {
  if (enabled(level)) write(level, text, pairs.begin(), pairs.size());
}
// A heading, then each line of a text as an event of its own.
void write_lines(Level level, std::string_view heading, std::string_view text);

inline void debug(std::string_view t, std::initializer_list<Pair> p = {}) {
  write(Level::debug, t, p);
}
inline void info(std::string_view t, std::initializer_list<Pair> p = {}) {
  write(Level::info, t, p);
}
inline void notice(std::string_view t, std::initializer_list<Pair> p = {}) {
  write(Level::notice, t, p);
}
inline void warn(std::string_view t, std::initializer_list<Pair> p = {}) {
  write(Level::warn, t, p);
}
inline void error(std::string_view t, std::initializer_list<Pair> p = {}) {
  write(Level::error, t, p);
}

}  // namespace gw::log
