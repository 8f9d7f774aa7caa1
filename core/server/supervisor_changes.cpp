// SPDX-License-Identifier: Apache-2.0
// What a supervisor changes while it serves: a new configuration in the running workers (SIGHUP),
// and fresh workers for new code (SIGUSR2). Either takes effect in all workers or in none. What is
// asked for while another change is under way waits for its end.
#include <unistd.h>

#include <algorithm>

#include "base/log.hpp"
#include "base/text.hpp"
#include "server/process.hpp"
#include "server/supervisor.hpp"

namespace gw::server {

namespace {

constexpr std::uint64_t k_reload_timeout = 30000;  // ms

}  // namespace

bool Supervisor::may_change() const {
  return ready_ && !stopping_ && change_ == Change::none && !any(State::starting);
}

bool Supervisor::any(State state) const {
  return std::any_of(children_.begin(), children_.end(),
                     [state](const auto& c) { return c->state == state; });
}

void Supervisor::run_due() {
  if (upgrade_due_ && may_change() && !any(State::draining)) return upgrade();
  if (reload_due_ && may_change()) reload();
}

void Supervisor::accept_next() {
  configuration_.accept(std::move(*next_));
  generation_ = newest_;
  log::set_level(configuration_.settings().log_level);
  watchdog_->set_limits(configuration_.settings().plugin_stall_warning,
                        configuration_.settings().plugin_stall_timeout);
}

// --- a new configuration ---

void Supervisor::reload() {
  reload_due_ = !may_change();
  if (reload_due_) return;
  next_ = configuration_.read_again();
  if (!next_) return;
  auto fd = source_to_fd(next_->source);
  if (!fd.ok()) return log::error(fd.error().text);
  notify_reloading(loop_.now_ns());
  change_ = Change::reload;
  ++newest_;
  change_deadline_.set(loop_.deadlines(), k_reload_timeout);
  bool reached = true;
  for (auto& child : children_) {
    child->asked = child->state == State::serving;
    child->answered = !child->asked;
    if (child->asked)
      reached = send_message(child->control, {Tell::prepare, newest_, {}, {fd.value()}}) && reached;
  }
  ::close(fd.value());
  if (!reached) return finish_reload(false, "a worker cannot be reached");
  // All workers may be down, waiting to be started again: with this configuration, then.
  if (!any(State::serving)) finish_reload(true, {});
}

void Supervisor::on_prepared(Child& child, const Message& message) {
  if (change_ != Change::reload || message.number != newest_) return;
  child.answered = true;
  if (message.tell == Tell::refused) return finish_reload(false, message.text);
  const bool all =
      std::all_of(children_.begin(), children_.end(), [](const auto& c) { return c->answered; });
  if (all) finish_reload(true, {});
}

void Supervisor::finish_reload(bool commit, const std::string& why) {
  change_ = Change::none;
  change_deadline_.clear();
  for (auto& child : children_)
    if (std::exchange(child->asked, false))
      send_message(child->control, {commit ? Tell::commit : Tell::abandon, newest_, {}, {}});
  if (commit) {
    accept_next();
    log::notice("configuration reloaded", {{"generation", cat(generation_)},
                                           {"configuration", configuration_.snapshot().hash}});
  } else {
    log::write_lines(log::Level::error, "configuration refused, the old one stays", why);
  }
  notify_systemd("READY=1");
  start_waiting();
  run_due();
}

// --- new code ---

void Supervisor::upgrade() {
  upgrade_due_ = !may_change() || any(State::draining);
  if (upgrade_due_) return log::notice("fresh workers are started when the change before is over");
  reload_due_ = false;  // what it would do is part of this
  next_ = configuration_.read_again();
  if (!next_) return;
  log::notice("starting fresh workers");
  change_ = Change::upgrade;
  ++newest_;
  for (std::uint32_t index = 0; index < workers_; ++index)
    if (!spawn(index, true)) return finish_upgrade(false);
}

// Done: all fresh workers are ready, and the old ones drain. Else the fresh ones drain.
void Supervisor::finish_upgrade(bool done) {
  change_ = Change::none;
  if (done) {
    accept_next();
    down_.assign(workers_, false);
    waiting_.clear();
    restart_deadline_.clear();
  }
  for (auto& child : children_)
    if (child->fresh != done && child->state != State::draining) drain(*child, true);
  for (auto& child : children_) child->fresh = child->fresh && !done;
  if (done) log::notice("fresh workers serve", {{"generation", cat(generation_)}});
  cover();
  start_waiting();
  run_due();
}

}  // namespace gw::server
