// SPDX-License-Identifier: Apache-2.0
#include "server/supervisor.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "base/log.hpp"
#include "base/text.hpp"
#include "server/exit_code.hpp"
#include "server/process.hpp"
#include "shared/names.hpp"
#include "shared/worker_board.hpp"

namespace gw::server {

namespace {

constexpr std::size_t k_deaths = 5;              // within k_death_window: back off
constexpr std::uint64_t k_death_window = 10000;  // ms
constexpr std::uint64_t k_max_backoff = 10000;   // ms

std::uint32_t worker_count(const config::Settings& settings) {
  return settings.workers > 0 ? settings.workers
                              : std::max(1u, std::thread::hardware_concurrency());
}

void exec_worker(const std::string& program, int control) {
  // 3 is the worker's end; dup2 clears close-on-exec, unless it is there already.
  if (control == 3)
    ::fcntl(3, F_SETFD, 0);
  else
    ::dup2(control, 3);
  const char* const arguments[] = {"gatewright", "worker", "--fd", "3", nullptr};
  ::execv(program.c_str(), const_cast<char* const*>(arguments));
  ::_exit(127);
}

}  // namespace

Supervisor::Supervisor(config::Source source, std::shared_ptr<const config::Snapshot> snapshot,
                       std::string path)
    : source_(std::move(source)),
      snapshot_(std::move(snapshot)),
      path_(std::move(path)),
      program_(program_path()),
      workers_(worker_count(snapshot_->settings)),
      reload_deadline_(
          [](void* self) {
            static_cast<Supervisor*>(self)->finish_reload(false, "a worker did not answer in time");
          },
          this),
      restart_deadline_(
          [](void* self) {
            auto& supervisor = *static_cast<Supervisor*>(self);
            while (!supervisor.restarting_.empty() && !supervisor.stopping_) {
              supervisor.spawn(supervisor.restarting_.front(), false);
              supervisor.restarting_.pop_front();
            }
          },
          this),
      kill_deadline_([](void* self) { static_cast<Supervisor*>(self)->kill_all(); }, this) {}

Supervisor::~Supervisor() {
  for (auto& child : children_) {
    child->watch.reset();
    ::close(child->control);
  }
}

int Supervisor::run() {
  prepare_process();
  log::set_source("supervisor");
  auto sockets = open_sockets(snapshot_->settings, workers_);
  if (!sockets.ok()) return log::error(sockets.error().text), int(ExitCode::cannot_listen);
  sockets_ = std::move(sockets).value();
  auto region = shared::Region::create(snapshot_->settings.shared_memory_size, workers_);
  if (!region.ok()) return log::error(region.error().text), int(ExitCode::failed);
  region_ = std::move(region).value();

  const auto stop_now = [this] { stop(); };
  net::SignalWatch child(loop_, SIGCHLD, [this] { on_child_signal(); });
  net::SignalWatch term(loop_, SIGTERM, stop_now), quit(loop_, SIGQUIT, stop_now),
      interrupt(loop_, SIGINT, stop_now);
  net::SignalWatch hup(loop_, SIGHUP, [this] { reload(); });
  net::SignalWatch usr2(loop_, SIGUSR2, [this] { upgrade(); });
  for (std::uint32_t i = 0; i < workers_; ++i)
    if (!spawn(i, false)) return int(ExitCode::failed);
  loop_.run();
  return status_;
}

// --- starting ---

std::uint32_t Supervisor::free_slot(std::uint32_t index) const {
  // Each index has two, for the time in which a fresh worker takes over.
  const auto taken = [&](std::uint32_t slot) {
    return std::any_of(children_.begin(), children_.end(),
                       [slot](const auto& c) { return c->slot == slot; });
  };
  return taken(index) ? index + workers_ : index;
}

bool Supervisor::spawn(std::uint32_t index, bool fresh) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return log::error("socketpair failed"), false;
  auto source = source_to_fd(source_);
  if (!source.ok()) return log::error(source.error().text), false;
  const std::uint32_t slot = free_slot(index);
  const int pid = ::fork();
  if (pid < 0) return log::error(cat("cannot start a worker: ", std::strerror(errno))), false;
  if (pid == 0) exec_worker(program_, ends[1]);
  ::close(ends[1]);

  auto child = std::make_unique<Child>();
  child->pid = pid;
  child->index = index;
  child->slot = slot;
  child->control = ends[0];
  child->fresh = fresh;
  region_->board().begin(slot, index, pid);
  Message hello{Tell::hello,
                generation_,
                cat(k_control_version, " ", index, " ", workers_, " ", slot),
                {region_->fd(), source.value()}};
  for (const ListenSocket& socket : sockets_.of_worker[index]) {
    hello.text += cat("\n", describe_socket(socket));
    hello.fds.push_back(socket.fd);
  }
  Child& started = *child;
  child->watch =
      std::make_unique<net::FdWatch>(loop_, ends[0], [this, &started] { on_control(started); });
  children_.push_back(std::move(child));
  send_message(ends[0], hello);
  ::close(source.value());
  return true;
}

void Supervisor::on_control(Child& child) {
  for (;;) {
    auto received = receive_message(child.control);
    if (!received.ok()) {
      child.watch.reset();  // SIGCHLD tells the rest
      return;
    }
    if (!received.value()) return;
    on_message(child, *received.value());
  }
}

void Supervisor::on_message(Child& child, const Message& message) {
  switch (message.tell) {
    case Tell::ready:
      return on_ready(child);
    case Tell::failed:
      return on_failed(child, message.text);
    case Tell::prepared:
    case Tell::refused:
      return on_prepared(child, message);
    default:
      return;
  }
}

void Supervisor::on_ready(Child& child) {
  child.state = State::serving;
  log::info("worker ready", {{"worker", cat(child.index)}, {"pid", cat(child.pid)}});
  if (stopping_) return drain(child);
  if (child.fresh) {
    for (auto& old : children_)
      if (old->index == child.index && old.get() != &child && old->state == State::serving)
        drain(*old);
    child.fresh = false;
    return upgrade_next();
  }
  const bool all = std::all_of(children_.begin(), children_.end(),
                               [](const auto& c) { return c->state != State::starting; });
  if (ready_ || !all) return;
  ready_ = true;
  log_listening(sockets_);
  log::notice("ready", {{"workers", cat(workers_)}, {"configuration", snapshot_->hash}});
  notify_systemd("READY=1");
}

void Supervisor::on_failed(Child& child, const std::string& why) {
  if (child.fresh) {
    end_upgrade(false);
    return log::write_lines(log::Level::error, "fresh worker refused, the old ones stay", why);
  }
  log::write_lines(log::Level::error, "worker cannot start", why);
  if (ready_ || stopping_) return;
  status_ = int(ExitCode::bad_configuration);
  stop();
}

// --- dying ---

void Supervisor::on_child_signal() {
  int status = 0;
  for (int pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    const auto found = std::find_if(children_.begin(), children_.end(),
                                    [pid](const auto& c) { return c->pid == pid; });
    if (found == children_.end()) continue;
    const std::unique_ptr<Child> child = std::move(*found);
    children_.erase(found);
    child->watch.reset();
    ::close(child->control);
    const auto crumb = region_->board().slots()[child->slot].last();
    region_->board().end(child->slot);
    on_exit(*child, status, crumb);
  }
  if (stopping_ && children_.empty()) loop_.stop();
}

void Supervisor::on_exit(Child& child, int status, const shared::Breadcrumb& crumb) {
  const bool wanted = child.state == State::draining || stopping_;
  if (wanted && WIFEXITED(status)) return;
  if (child.fresh) {
    end_upgrade(false);
    return log::error("fresh worker ended before it was ready, the old one stays",
                      {{"worker", cat(child.index)}});
  }
  log_death(child, status, crumb);
  if (wanted) return;
  if (reloading_) finish_reload(false, "a worker died");
  replace(child.index);
}

void Supervisor::log_death(const Child& child, int status, const shared::Breadcrumb& crumb) {
  const std::string how = WIFSIGNALED(status) ? cat("signal ", WTERMSIG(status), " (",
                                                    ::strsignal(WTERMSIG(status)), ")")
                                              : cat("exit status ", WEXITSTATUS(status));
  const bool inside = crumb.where != shared::Where::none;
  log::error("worker died",
             {{"worker", cat(child.index)},
              {"pid", cat(child.pid)},
              {"how", how},
              {"plugin", inside ? region_->names().text(crumb.plugin) : "-"},
              {"phase", inside ? shared::to_string(crumb.where) : "-"},
              {"route", inside && crumb.route != 0 ? region_->names().text(crumb.route) : "-"}});
}

void Supervisor::replace(std::uint32_t index) {
  const std::uint64_t now = loop_.now_ms();
  deaths_.push_back(now);
  while (!deaths_.empty() && now - deaths_.front() > k_death_window) deaths_.pop_front();
  if (deaths_.size() < k_deaths) {
    backoff_ms_ = 0;
    spawn(index, false);
    return;
  }
  backoff_ms_ = std::min(k_max_backoff, std::max<std::uint64_t>(500, backoff_ms_ * 2));
  log::error("workers die too often: waiting",
             {{"deaths", cat(deaths_.size())}, {"wait_ms", cat(backoff_ms_)}});
  restarting_.push_back(index);
  restart_deadline_.set(loop_.deadlines(), backoff_ms_);
}

// --- the end ---

void Supervisor::drain(Child& child) {
  child.state = State::draining;
  send_message(child.control, {Tell::drain, snapshot_->settings.shutdown_timeout, {}, {}});
}

void Supervisor::stop() {
  if (std::exchange(stopping_, true)) return kill_all();
  notify_systemd("STOPPING=1");
  log::notice("draining", {{"workers", cat(children_.size())}});
  for (auto& child : children_) drain(*child);
  kill_deadline_.set(loop_.deadlines(), snapshot_->settings.shutdown_timeout + 2000);
  if (children_.empty()) loop_.stop();
}

void Supervisor::kill_all() {
  for (auto& child : children_) ::kill(child->pid, SIGKILL);
}

}  // namespace gw::server
