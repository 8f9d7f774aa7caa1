// SPDX-License-Identifier: Apache-2.0
// WorkerEnvironment: what the plugin layer is given by the worker that it runs in. Outlives
// everything of the layer.
#pragma once

#include <cstdint>

#include "net/line_limit.hpp"
#include "net/loop.hpp"
#include "net/mailbox.hpp"
#include "shared/region.hpp"
#include "shared/worker_board.hpp"

namespace gw::plugin {

class HttpCaller;

struct WorkerEnvironment {
  net::Loop& loop;
  net::Mailbox& mailbox;
  shared::Region& region;
  std::uint32_t index = 0;
  std::uint32_t count = 1;
  HttpCaller* http = nullptr;               // null: gw.http/1 refuses every call
  net::LineLimit* failure_lines = nullptr;  // null: no limit
};

}  // namespace gw::plugin
