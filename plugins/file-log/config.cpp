// SPDX-License-Identifier: Apache-2.0
#include "config.hpp"

namespace file_log {

Config::Config(const gw::config& source)
    : path(source.str("path")),
      reopen(source.boolean("reopen")),
      flush_interval_ms(static_cast<std::uint64_t>(source.i64("flush_interval"))),
      queue_max_bytes(static_cast<std::uint64_t>(source.i64("queue_max_bytes"))) {}

}  // namespace file_log
