// SPDX-License-Identifier: Apache-2.0
// The options of file-log, read once for each entry.
#pragma once

#include <cstdint>
#include <gatewright/plugin.hpp>
#include <string>

namespace file_log {

struct Config {
  explicit Config(const gw::config& source);

  std::string path;
  bool reopen;
  std::uint64_t flush_interval_ms;
  std::uint64_t queue_max_bytes;
};

}  // namespace file_log
