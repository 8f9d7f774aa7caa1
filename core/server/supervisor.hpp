// SPDX-License-Identifier: Apache-2.0
// Supervisor: owns the listening sockets and the shared region, starts the workers and replaces
// those that die, spreads configurations, and ends everything. It runs no plugin code.
//
// A worker's life, as the supervisor sees it:
//   starting ──ready──> serving ──drain──> draining ──exit──> gone
//       └─failed, exit─────┴─ exit: named in the log and replaced
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "config/snapshot.hpp"
#include "net/fd_watch.hpp"
#include "net/signal_watch.hpp"
#include "server/control.hpp"
#include "server/listen_sockets.hpp"
#include "shared/region.hpp"
#include "shared/worker_board.hpp"

namespace gw::server {

class Supervisor {
 public:
  // `path`: the configuration's file, read again for reloads; empty: there is none.
  Supervisor(config::Source source, std::shared_ptr<const config::Snapshot> snapshot,
             std::string path);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Until everything has ended. The exit status of the process.
  int run();

 private:
  enum class State : std::uint8_t { starting, serving, draining };
  struct Child {
    int pid = 0;
    std::uint32_t index = 0;
    std::uint32_t slot = 0;
    int control = -1;
    State state = State::starting;
    bool fresh = false;     // takes over from one that serves (SIGUSR2)
    bool asked = false;     // to prepare the generation under way
    bool answered = false;  // it has said yes, or was not asked
    std::unique_ptr<net::FdWatch> watch;
  };

  bool spawn(std::uint32_t index, bool fresh);
  std::uint32_t free_slot(std::uint32_t index) const;
  void on_control(Child& child);
  void on_message(Child& child, const Message& message);
  void on_ready(Child& child);
  void on_failed(Child& child, const std::string& why);

  void on_child_signal();
  void on_exit(Child& child, int status, const shared::Breadcrumb& crumb);
  void log_death(const Child& child, int status, const shared::Breadcrumb& crumb);
  void replace(std::uint32_t index);

  void reload();
  void on_prepared(Child& child, const Message& message);
  void finish_reload(bool commit, const std::string& why);
  void warn_of_fixed_settings(const config::Settings& wanted);
  // Reads and checks the file again. Logs what is wrong.
  bool read_again(config::Source& source, std::shared_ptr<const config::Snapshot>& snapshot);

  void upgrade();
  void upgrade_next();
  void end_upgrade(bool done);
  void stop();
  void drain(Child& child);
  void kill_all();

  net::Loop loop_;
  config::Source source_;  // committed
  std::shared_ptr<const config::Snapshot> snapshot_;
  std::string path_;
  std::string program_;
  std::uint32_t workers_;
  std::uint64_t generation_ = 1;
  std::unique_ptr<shared::Region> region_;
  ListenSockets sockets_;
  std::vector<std::unique_ptr<Child>> children_;

  config::Source next_source_;  // of the reload under way
  std::shared_ptr<const config::Snapshot> next_snapshot_;
  config::Source before_source_;  // of the upgrade under way: what a failed one goes back to
  std::shared_ptr<const config::Snapshot> before_snapshot_;
  bool upgrading_ = false;
  bool reloading_ = false;
  bool reload_due_ = false;
  net::Deadline reload_deadline_;
  std::deque<std::uint32_t> upgrades_;  // workers still to be replaced
  std::deque<std::uint64_t> deaths_;    // ms, the last ones
  std::uint64_t backoff_ms_ = 0;
  std::deque<std::uint32_t> restarting_;
  net::Deadline restart_deadline_;
  net::Deadline kill_deadline_;
  bool ready_ = false;
  bool stopping_ = false;
  int status_ = 0;
};

}  // namespace gw::server
