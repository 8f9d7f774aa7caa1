// SPDX-License-Identifier: Apache-2.0
// Gateway: everything that one worker serves with, on its loop: listeners, the current generation
// of the configuration and the one that is being prepared, plugins, upstreams, admin side. It is
// driven by worker_main (under a supervisor) or by single_process (without one). A generation is
// prepared beside the current one and takes over in one step, so that a refused configuration
// changes nothing.
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

// Bound and listening, non-blocking. The descriptor belongs to whoever made the WorkerContext, who
// keeps it open at least until the gateway drains; the gateway only accepts from it.
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
};

class Gateway {
 public:
  // What a drain is for: the whole service ends, or others go on serving.
  enum class End : std::uint8_t { service, worker };

  // Defined in gateway.cpp. context.region and the loop outlive the gateway.
  static std::unique_ptr<Gateway> create(net::Loop& loop, WorkerContext context);
  virtual ~Gateway() = default;

  // Checks the plugins' options of `generation` and makes their instances; the current generation
  // goes on. Appends diagnostics, warnings included; false when it can't be used.
  // REQUIRES: nothing is prepared already.
  virtual bool prepare(std::uint64_t generation, std::shared_ptr<const config::Snapshot> snapshot,
                       std::vector<config::Diagnostic>& out) = 0;
  // Switches to what was prepared; the first commit starts to accept.
  virtual void commit() = 0;
  // Forgets what was prepared.
  virtual void abandon() = 0;
  // Accepts from another worker's proxy sockets too, until they are taken back: nobody else does.
  // Takes over the descriptors. REQUIRES: committed.
  virtual void lend(std::uint32_t owner, std::vector<ListenSocket> sockets) = 0;
  virtual void take_back(std::uint32_t owner) = 0;
  // Stops accepting (but for health checks when the service ends), lets requests finish for at most
  // timeout_ms, ends the plugins and lets their last HTTP calls finish within what is left of the
  // time, at least a second, and answers the health checks that it has accepted, for at most a
  // second; then calls back, once.
  virtual void drain(std::uint64_t timeout_ms, End end, std::function<void()> on_done) = 0;
};

// Checks the options of every plugin entity against the plugin's schema, and its consumer-scoped
// ones against the phase order (an error when strict). Defined in check_plugins.cpp. True if no
// errors.
bool check_plugins(const config::Snapshot& snapshot, bool strict,
                   std::vector<config::Diagnostic>& out);

}  // namespace gw::server
