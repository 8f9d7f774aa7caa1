// SPDX-License-Identifier: Apache-2.0
// What a supervisor changes while it serves: a new configuration in the running workers (SIGHUP),
// and fresh workers for new code (SIGUSR2). One of the two at a time.
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

// --- a new configuration ---

bool Supervisor::read_again(config::Source& source,
                            std::shared_ptr<const config::Snapshot>& snapshot) {
  auto read = config::read_source(path_);
  if (!read.ok())
    return log::error("configuration refused, the old one stays", {{"why", read.error().text}}),
           false;
  source = std::move(read).value();
  source.flags = source_.flags;
  if (path_.empty()) source.file = source_.file, source.text = source_.text;
  auto loaded = config::load(source);
  snapshot = loaded.snapshot;
  if (snapshot) return true;
  log::write_lines(log::Level::error, "configuration refused, the old one stays",
                   config::render(loaded.diagnostics, source.file, source.text, false));
  return false;
}

void Supervisor::reload() {
  if (reloading_ || upgrading_ || !ready_ || stopping_) {
    reload_due_ = !stopping_;
    return;
  }
  if (!read_again(next_source_, next_snapshot_)) return;
  auto fd = source_to_fd(next_source_);
  if (!fd.ok()) return log::error(fd.error().text);
  warn_of_fixed_settings(next_snapshot_->settings);
  notify_systemd(cat("RELOADING=1\nMONOTONIC_USEC=", loop_.now_ns() / 1000).c_str());
  reloading_ = true;
  ++generation_;
  for (auto& child : children_) {
    child->asked = child->state == State::serving;
    child->answered = !child->asked;
    if (child->asked) send_message(child->control, {Tell::prepare, generation_, {}, {fd.value()}});
  }
  ::close(fd.value());
  reload_deadline_.set(loop_.deadlines(), k_reload_timeout);
}

void Supervisor::on_prepared(Child& child, const Message& message) {
  if (!reloading_ || message.number != generation_) return;
  child.answered = true;
  if (message.tell == Tell::refused) return finish_reload(false, message.text);
  const bool all =
      std::all_of(children_.begin(), children_.end(), [](const auto& c) { return c->answered; });
  if (all) finish_reload(true, {});
}

void Supervisor::finish_reload(bool commit, const std::string& why) {
  reloading_ = false;
  reload_deadline_.clear();
  for (auto& child : children_)
    if (std::exchange(child->asked, false))
      send_message(child->control, {commit ? Tell::commit : Tell::abandon, generation_, {}, {}});
  if (commit) {
    source_ = std::move(next_source_);
    snapshot_ = next_snapshot_;
    log::set_level(snapshot_->settings.log_level);
    log::notice("configuration reloaded",
                {{"generation", cat(generation_)}, {"configuration", snapshot_->hash}});
  } else {
    log::write_lines(log::Level::error, "configuration refused, the old one stays", why);
  }
  notify_systemd("READY=1");
  if (std::exchange(reload_due_, false)) reload();
}

void Supervisor::warn_of_fixed_settings(const config::Settings& wanted) {
  const auto& now = snapshot_->settings;
  const auto differ = [](const std::vector<config::Listen>& a,
                         const std::vector<config::Listen>& b) {
    return !std::equal(a.begin(), a.end(), b.begin(), b.end(),
                       [](const auto& x, const auto& y) { return x.text == y.text; });
  };
  const auto warn = [](bool changed, std::string_view name) {
    if (changed)
      log::warn("this setting has changed and takes effect at the next start", {{"setting", name}});
  };
  warn(differ(now.proxy_listen, wanted.proxy_listen), "proxy_listen");
  warn(differ(now.admin_listen, wanted.admin_listen), "admin_listen");
  warn(differ(now.status_listen, wanted.status_listen), "status_listen");
  warn(now.workers != wanted.workers, "workers");
  warn(now.supervisor != wanted.supervisor, "supervisor");
  warn(now.shared_memory_size != wanted.shared_memory_size, "shared_memory_size");
  warn(now.error_log != wanted.error_log, "error_log");
}

// --- new code ---

void Supervisor::upgrade() {
  if (!ready_ || stopping_ || upgrading_ || reloading_)
    return log::warn("fresh workers are not started: another change is under way");
  if (!read_again(next_source_, next_snapshot_)) return;
  before_source_ = source_;
  before_snapshot_ = snapshot_;
  source_ = std::move(next_source_);
  snapshot_ = next_snapshot_;
  ++generation_;
  upgrading_ = true;
  log::notice("starting fresh workers");
  for (std::uint32_t i = 0; i < workers_; ++i) upgrades_.push_back(i);
  upgrade_next();
}

void Supervisor::end_upgrade(bool done) {
  upgrading_ = false;
  upgrades_.clear();
  if (!done) {  // what a replacement starts with has to be what was accepted
    source_ = before_source_;
    snapshot_ = before_snapshot_;
  } else {
    log::notice("fresh workers serve");
  }
  if (std::exchange(reload_due_, false)) reload();
}

void Supervisor::upgrade_next() {
  if (upgrades_.empty()) return end_upgrade(true);
  const std::uint32_t index = upgrades_.front();
  upgrades_.pop_front();
  if (!spawn(index, true)) end_upgrade(false);
}

}  // namespace gw::server
