// SPDX-License-Identifier: Apache-2.0
// What a supervisor does when workers die or hang: name the culprit, replace them, and see to their
// sockets meanwhile. Another worker serves these as long as one lives; when none does and the next
// start has to wait, the supervisor answers 503.
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/exit_code.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "server/supervisor.hpp"
#include "shared/names.hpp"

namespace gw::server {

namespace {

constexpr std::uint64_t k_spawn_retry = 1000;  // ms
constexpr std::uint64_t k_abort_time = 1000;   // ms, for the report of a crash

struct Culprit {
  std::string plugin = "-", phase = "-", route = "-", request = "-";
};

Culprit culprit_of(shared::Region& region, std::uint32_t slot, const shared::Breadcrumb& crumb) {
  Culprit out;
  if (crumb.where == shared::Where::none) return out;
  out.plugin = region.names().text(crumb.plugin);
  out.phase = shared::to_string(crumb.where);
  if (crumb.route != 0) out.route = region.names().text(crumb.route);
  if (const auto id = region.board().slots()[slot].last_request(); !id.empty()) out.request = id;
  return out;
}

}  // namespace

void Supervisor::on_child_signal() {
  int status = 0;
  // All of them: as the first process of a container it inherits what is orphaned there.
  for (int pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    const auto found = std::find_if(children_.begin(), children_.end(),
                                    [pid](const auto& c) { return c->pid == pid; });
    if (found == children_.end()) continue;
    // What it said before it ended comes first.
    if ((*found)->watch) on_control(**found);
    const auto again = std::find_if(children_.begin(), children_.end(),
                                    [pid](const auto& c) { return c->pid == pid; });
    const std::unique_ptr<Child> child = std::move(*again);
    children_.erase(again);
    child->watch.reset();
    on_exit(*child, status);
  }
  if (stopping_ && children_.empty()) loop_.stop();
}

void Supervisor::on_exit(Child& child, int status) {
  const bool in_order = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  const bool wanted = child.state == State::draining || stopping_;
  if (!child.failed && !(wanted && in_order)) log_death(child, status);
  region_->board().end(child.slot);
  if (wanted) return stopping_ ? void() : run_due();
  if (child.fresh) {
    if (!child.failed) log::error("a fresh worker died, the old ones stay");
    return finish_upgrade(false);
  }
  if (change_ == Change::reload && child.asked && !child.answered)
    finish_reload(false, cat("worker ", child.index, " died while it prepared it"));
  replace(child.index);
  run_due();
}

void Supervisor::log_death(const Child& child, int status) {
  const std::string how = WIFSIGNALED(status) ? cat("signal ", WTERMSIG(status), " (",
                                                    ::strsignal(WTERMSIG(status)), ")")
                                              : cat("exit status ", WEXITSTATUS(status));
  const auto crumb = region_->board().slots()[child.slot].last();
  const Culprit culprit = culprit_of(*region_, child.slot, crumb);
  log::error("worker died", {{"worker", cat(child.index)},
                             {"pid", cat(child.pid)},
                             {"how", how},
                             {"plugin", culprit.plugin},
                             {"phase", culprit.phase},
                             {"route", culprit.route},
                             {"request_id", culprit.request}});
}

void Supervisor::on_overdue(Child& child) {
  const std::string_view what = child.state == State::starting   ? "it was not ready in time"
                                : child.state == State::draining ? "it did not end in time"
                                                                 : "it did not die when aborted";
  log::error("worker is killed",
             {{"worker", cat(child.index)}, {"pid", cat(child.pid)}, {"why", what}});
  ::kill(child.pid, SIGKILL);
}

void Supervisor::on_stall(const Watchdog::Stall& stall) {
  const auto found = std::find_if(children_.begin(), children_.end(),
                                  [&](const auto& c) { return c->slot == stall.slot; });
  if (found == children_.end()) return;
  Child& child = **found;
  const Culprit culprit = culprit_of(*region_, stall.slot, stall.crumb);
  log::write(
      stall.fatal ? log::Level::error : log::Level::warn,
      stall.fatal ? "plugin does not return: its worker is killed" : "plugin holds its worker up",
      {{"worker", cat(child.index)},
       {"pid", cat(child.pid)},
       {"ms", cat(stall.ms)},
       {"plugin", culprit.plugin},
       {"phase", culprit.phase},
       {"route", culprit.route},
       {"request_id", culprit.request}});
  if (!stall.fatal) return;
  ::kill(child.pid, SIGABRT);  // leaves a core dump where these are wanted
  child.limit.set(loop_.deadlines(), k_abort_time);
}

// --- replacing ---

void Supervisor::replace(std::uint32_t index) {
  const std::uint64_t wait = backoff_.note(loop_.now_ms());
  if (wait > 0)
    log::error("workers die too often: waiting",
               {{"deaths", cat(backoff_.deaths())}, {"wait_ms", cat(wait)}});
  if (wait > 0 && !ready_) {
    status_ = int(ExitCode::failed);
    return stop();
  }
  down_[index] = true;
  waiting_.push_back(index);
  if (wait > 0)
    restart_deadline_.set(loop_.deadlines(), wait);
  else
    start_waiting();
  cover();
}

void Supervisor::start_waiting() {
  if (change_ != Change::none || stopping_ || restart_deadline_.is_set()) return;
  for (const std::uint32_t index : std::exchange(waiting_, {})) {
    if (is_served(index) || spawn(index, false)) continue;
    waiting_.push_back(index);
    restart_deadline_.set(loop_.deadlines(), k_spawn_retry);
  }
}

bool Supervisor::is_served(std::uint32_t index) const {
  return std::any_of(children_.begin(), children_.end(), [index](const auto& c) {
    return c->index == index && c->state != State::draining;
  });
}

// --- their sockets ---

void Supervisor::cover() {
  std::vector<int> unserved;
  for (std::uint32_t index = 0; index < workers_; ++index) {
    const bool down = down_[index] && !stopping_;
    Child* lender = down ? pick_lender(index) : nullptr;
    move_loan(index, lender);
    if (down && lender == nullptr && backoff_.active())
      for (const ListenSocket& socket : sockets_.of_worker[index]) unserved.push_back(socket.fd);
  }
  unavailable_.answer(std::move(unserved));
}

// Who serves them already goes on; else the next one.
Supervisor::Child* Supervisor::pick_lender(std::uint32_t index) {
  Child* best = nullptr;
  const auto distance = [&](const Child& child) {
    return (child.index + workers_ - index) % workers_;
  };
  for (auto& child : children_) {
    if (child->state != State::serving) continue;
    if (child->pid == lenders_[index]) return child.get();
    if (best == nullptr || distance(*child) < distance(*best)) best = child.get();
  }
  return best;
}

void Supervisor::move_loan(std::uint32_t index, Child* lender) {
  const int pid = lender != nullptr ? lender->pid : 0;
  if (lenders_[index] == pid) return;
  for (auto& child : children_)
    if (child->pid == lenders_[index])
      send_message(child->control, {Tell::take_back, index, {}, {}});
  lenders_[index] = pid;
  if (lender == nullptr) return;
  Message message{Tell::lend, index, {}, {}};
  for (const ListenSocket& socket : sockets_.of_worker[index]) {
    if (socket.kind != ListenSocket::Kind::proxy) continue;  // the others are everybody's
    if (!message.text.empty()) message.text += '\n';
    message.text += describe_socket(socket);
    message.fds.push_back(socket.fd);
  }
  if (!message.fds.empty()) send_message(lender->control, message);
}

}  // namespace gw::server
