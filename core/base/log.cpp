// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <mutex>

#include "base/text.hpp"

namespace gw::log {

std::atomic<std::int32_t> g_level{std::int32_t(Level::notice)};

namespace {

std::atomic<int> g_fd{STDERR_FILENO};

struct Sink {
  std::mutex mutex;
  std::string path;  // empty: stderr
  std::string source = "gatewright";
};

Sink& sink() {
  static Sink the_sink;
  return the_sink;
}

constexpr std::array<std::string_view, 5> k_names{"debug", "info", "notice", "warn", "error"};

void append_time(std::string& out) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  char text[40];
  std::size_t n = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  n += std::size_t(std::snprintf(text + n, sizeof text - n, ".%03ldZ", now.tv_nsec / 1000000));
  out.append(text, n);
}

// Text is escaped so that one event stays one line.
void append_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    if ((unsigned char)c >= 0x20 && c != 0x7F)
      out += c;
    else
      out += cat("\\x", hex(&c, 1));
  }
}

void append_value(std::string& out, std::string_view value) {
  const bool plain =
      !value.empty() && value.find_first_of(" \t\r\n\"=\\") == std::string_view::npos;
  if (plain)
    append_text(out, value);
  else
    append_json_string(out, value);
}

}  // namespace

void set_level(Level level) { g_level.store(std::int32_t(level), std::memory_order_relaxed); }

Result<Level> parse_level(std::string_view name) {
  for (std::size_t i = 0; i < k_names.size(); ++i)
    if (name == k_names[i]) return Level(i);
  if (name == "crit" || name == "alert" || name == "emerg") return Level::error;
  return Error{cat("\"", name, "\" is no log level; expected debug, info, notice, warn or error")};
}

void set_source(std::string source) {
  const std::lock_guard lock(sink().mutex);
  sink().source = std::move(source);
}

Status open(const std::string& path) {
  int fd = STDERR_FILENO;
  if (!path.empty()) {
    fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd < 0) return Error{cat("cannot open the log file ", path, ": ", std::strerror(errno))};
  }
  const std::lock_guard lock(sink().mutex);
  sink().path = path;
  const int before = g_fd.exchange(fd);
  if (before != STDERR_FILENO) ::close(before);
  return ok_status();
}

Status reopen() {
  std::string path;
  {
    const std::lock_guard lock(sink().mutex);
    path = sink().path;
  }
  return open(path);
}

int descriptor() { return g_fd.load(); }

void write(Level level, std::string_view text, const Pair* pairs, std::size_t n) {
  std::string line;
  line.reserve(128 + text.size());
  append_time(line);
  line += ' ';
  line += k_names[std::size_t(level)];
  line += ' ';
  const std::lock_guard lock(sink().mutex);
  line += sink().source;
  line += ": ";
  append_text(line, text);
  for (std::size_t i = 0; i < n; ++i) {
    line += ' ';
    line += pairs[i].key;
    line += '=';
    append_value(line, pairs[i].value);
  }
  line += '\n';
  // A log that cannot be written must not stop the gateway; there is nobody left to tell.
  [[maybe_unused]] const auto written = ::write(g_fd.load(), line.data(), line.size());
}

void write_lines(Level level, std::string_view heading, std::string_view text) {
  write(level, heading, {});
  for (const auto line : split(text, '\n'))
    if (!line.empty()) write(level, line, {});
}

}  // namespace gw::log
