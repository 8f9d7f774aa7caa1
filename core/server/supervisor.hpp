// SPDX-License-Identifier: Apache-2.0
// Supervisor: owns the listening sockets and the shared region, starts the workers and replaces
// those that die, spreads configurations, and ends everything. It runs no plugin code.
//
// A worker's life, as the supervisor sees it:
//   starting ──ready──> serving ──drain──> draining ──exit──> gone
//       └─failed, exit─────┴─ exit: named in the log and replaced
//
// One change at a time: a new configuration in the running workers, or fresh workers. While one is
// under way no worker is replaced; a change begins when no worker is starting. So all workers
// always serve the same generation, the accepted one.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/fd_watch.hpp"
#include "net/signal_watch.hpp"
#include "server/backoff.hpp"
#include "server/configuration.hpp"
#include "server/control.hpp"
#include "server/listen_sockets.hpp"
#include "server/unavailable.hpp"
#include "server/watchdog.hpp"
#include "shared/region.hpp"
#include "shared/worker_board.hpp"

namespace gw::server {

class Supervisor {
 public:
  // `path`: see Configuration.
  Supervisor(Candidate first, std::string path);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Until everything has ended. The exit status of the process.
  int run();

 private:
  enum class State : std::uint8_t { starting, serving, draining };
  enum class Change : std::uint8_t { none, reload, upgrade };
  struct Child;

  // --- workers: supervisor.cpp ---
  void serve();
  // False: it could not be started; logged. `fresh`: with what is to be accepted, for SIGUSR2.
  bool spawn(std::uint32_t index, bool fresh);
  bool say_hello(Child& child, const Candidate& candidate);
  std::optional<std::uint32_t> free_slot(std::uint32_t index) const;
  void on_control(Child& child);
  void on_message(Child& child, const Message& message);
  void on_ready(Child& child);
  void on_failed(Child& child, const std::string& why);
  void reopen_logs();
  void drain(Child& child, bool replaced);
  void stop();
  void kill_all();

  // --- deaths: supervisor_deaths.cpp ---
  void on_child_signal();
  void on_exit(Child& child, int status);
  void log_death(const Child& child, int status);
  void on_overdue(Child& child);
  void on_stall(const Watchdog::Stall& stall);
  void replace(std::uint32_t index);
  void start_waiting();
  bool is_served(std::uint32_t index) const;
  // What happens to the sockets of workers that are down.
  void cover();
  Child* pick_lender(std::uint32_t index);
  void move_loan(std::uint32_t index, Child* lender);

  // --- changes: supervisor_changes.cpp ---
  bool may_change() const;
  bool any(State state) const;
  void run_due();
  void reload();
  void on_prepared(Child& child, const Message& message);
  void finish_reload(bool commit, const std::string& why);
  void upgrade();
  void finish_upgrade(bool done);
  void accept_next();

  net::Loop loop_;
  Configuration configuration_;
  std::string program_;
  std::uint32_t workers_;
  std::unique_ptr<shared::Region> region_;
  ListenSockets sockets_;
  std::vector<std::unique_ptr<Child>> children_;
  std::unique_ptr<Watchdog> watchdog_;

  Change change_ = Change::none;
  bool reload_due_ = false, upgrade_due_ = false;
  std::optional<Candidate> next_;  // of the change under way
  std::uint64_t generation_ = 1;   // accepted
  std::uint64_t newest_ = 1;       // the last one that was tried
  net::Deadline change_deadline_;

  Backoff backoff_;
  std::vector<bool> down_;    // by worker: it has died, and its replacement is not ready
  std::vector<int> lenders_;  // by worker: pid of who serves its sockets meanwhile; 0: none
  std::deque<std::uint32_t> waiting_;  // workers to be started again
  net::Deadline restart_deadline_;
  Unavailable unavailable_;

  bool ready_ = false;
  bool stopping_ = false;
  int status_ = 0;
};

struct Supervisor::Child {
  explicit Child(Supervisor& owner) : supervisor(owner) {}
  ~Child();

  Supervisor& supervisor;
  int pid = 0;
  std::uint32_t index = 0;
  std::uint32_t slot = 0;
  int control = -1;
  State state = State::starting;
  bool fresh = false;     // is to take over from one that serves
  bool asked = false;     // to prepare the generation under way
  bool answered = false;  // it has said yes, or was not asked
  bool failed = false;    // it has said why it ends
  // When it is to have done what it is asked: start, drain, die. Then it is killed.
  net::Deadline limit{[](void* self) {
                        auto& child = *static_cast<Child*>(self);
                        child.supervisor.on_overdue(child);
                      },
                      this};
  std::unique_ptr<net::FdWatch> watch;
};

}  // namespace gw::server
