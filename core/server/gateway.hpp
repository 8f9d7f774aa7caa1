// SPDX-License-Identifier: Apache-2.0
// Gateway: everything that one worker serves with, on its loop: listeners, the current generation
// of the configuration and the one that is being prepared, plugins, upstreams, admin side. It is
// driven by worker_main (under a supervisor) or by single_process. A generation is prepared beside
// the current one and takes over in one step, so that a refused configuration changes nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/settings.hpp"
#include "config/snapshot.hpp"
#include "net/loop.hpp"
#include "shared/region.hpp"

namespace gw::server {

// Bound and listening, non-blocking. The descriptor belongs to whoever made the WorkerContext and
// stays open as long as the process; the gateway only accepts from it.
struct ListenSocket {
  enum class Kind : std::uint8_t { proxy, admin, status };
  config::Listen listen;  // port: the real one
  int fd = -1;
  Kind kind = Kind::proxy;
};

struct WorkerContext {
  std::uint32_t index = 0;  // of `count` workers
  std::uint32_t count = 1;
  shared::Region* region = nullptr;  // its slot() is this process' own; outlives the gateway
  std::vector<ListenSocket> sockets;
  bool supervised = false;
};

class Gateway {
 public:
  // Defined in gateway.cpp. context.region and the loop outlive the gateway.
  static std::unique_ptr<Gateway> create(net::Loop& loop, WorkerContext context);
  virtual ~Gateway() = default;

  // Reads and checks everything for `generation` and makes the plugins' instances; the current
  // generation goes on. Appends diagnostics, warnings included; false when it can't be used.
  // REQUIRES: nothing is prepared already.
  virtual bool prepare(std::uint64_t generation, config::Source source,
                       std::vector<config::Diagnostic>& out) = 0;
  // Switches to what was prepared; the first commit starts to accept.
  virtual void commit() = 0;
  // Forgets what was prepared.
  virtual void abandon() = 0;
  // Stops accepting, lets requests finish for at most timeout_ms, then calls back, once.
  virtual void drain(std::uint64_t timeout_ms, std::function<void()> on_done) = 0;
};

// How the processes get at their gateway; tests hand in another one.
using GatewayFactory =
    std::function<std::unique_ptr<Gateway>(net::Loop& loop, WorkerContext context)>;

// Checks the options of every plugin entity against the plugin's schema, and its consumer-scoped
// ones against the phase order (an error when strict). Defined in gateway.cpp. True if no errors.
bool check_plugins(const config::Snapshot& snapshot, bool strict,
                   std::vector<config::Diagnostic>& out);

}  // namespace gw::server
