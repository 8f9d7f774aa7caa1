// SPDX-License-Identifier: Apache-2.0
// gw_worker: one instance on one worker. It owns every timer, watch, post and call made through it,
// and takes them back before the plugin's worker_stop, so that nothing fires afterwards.
#pragma once

#include <gatewright/plugin.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "net/deadline.hpp"
#include "net/fd_watch.hpp"
#include "net/tls_context.hpp"
#include "plugin/posts.hpp"

namespace gw::plugin {
class Host;
struct Plugin;
}  // namespace gw::plugin

struct gw_worker {
  // `key` names the instance in all workers and generations.
  gw_worker(gw::plugin::Host& h, const gw::plugin::Plugin& p, std::string_view key,
            std::uint64_t generation);
  ~gw_worker();
  gw_worker(const gw_worker&) = delete;
  gw_worker& operator=(const gw_worker&) = delete;

  std::string_view plugin_name() const;
  // The instance ends: its timers, watches and calls are cancelled, queued jobs dropped, and what
  // it posts or runs from now on is refused. If it has started, posts that wait are delivered first
  // and dropped jobs are told.
  void cancel_all(bool started);
  // Jobs that are queued or run.
  void add_jobs(int n);
  // Lets calls that were started at the very end run on, without a callback.
  void leave_calls();

  struct Timer;
  struct Watch {
    Watch(gw_worker& w, int descriptor) : worker(w), fd(descriptor) {}
    ~Watch();
    gw_worker& worker;
    const int fd;
    std::unique_ptr<gw::net::FdWatch> poll;
  };
  gw::plugin::Host& host;
  const gw::plugin::Plugin& plugin;
  const std::string key;
  const std::uint64_t generation;
  std::uint64_t next_handle = 1;  // of timers and watches
  std::map<gw_handle, std::unique_ptr<Timer>> timers;
  std::map<gw_handle, std::unique_ptr<Watch>> watches;
  std::map<gw_handle, bool> calls;  // on their way
  const std::shared_ptr<gw::plugin::Posts> posts;
  int jobs = 0;
  bool ends = false;
  bool tell_jobs = true;
  struct Certificate {
    gw::net::TlsIdentity identity;
    std::shared_ptr<const gw::net::TlsServerContext> made{};  // once it was shown
    // `like`: of the listener.
    std::shared_ptr<const gw::net::TlsServerContext> ready(const gw::net::TlsServerContext& like);
  };
  std::uint64_t next_certificate = 1;
  std::map<std::uint64_t, Certificate> certificates;
};
