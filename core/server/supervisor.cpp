// SPDX-License-Identifier: Apache-2.0
#include "server/supervisor.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "base/exit_code.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "server/process.hpp"

namespace gw::server {

namespace {

constexpr std::uint64_t k_start_timeout = 60000;  // ms
// Beyond shutdown_timeout, within which a worker ends by itself, and the second that it gives to
// plugins' last calls.
constexpr std::uint64_t k_drain_margin = 3000;  // ms

std::uint32_t worker_count(const config::Settings& settings) {
  return settings.workers > 0 ? settings.workers
                              : std::max(1u, std::thread::hardware_concurrency());
}

// In the child. All signals are blocked: what the supervisor does at one must not happen here.
void exec_worker(const std::string& program, int control) {
  for (const int number : k_handled_signals) std::signal(number, SIG_IGN);
  std::signal(SIGCHLD, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // 3 is the worker's end; dup2 clears close-on-exec, unless it is there already.
  if (control == 3)
    ::fcntl(3, F_SETFD, 0);
  else
    ::dup2(control, 3);
  const char* const arguments[] = {"gatewright", "worker", "--fd", "3", nullptr};
  ::execv(program.c_str(), const_cast<char* const*>(arguments));
  ::_exit(127);
}

int fork_worker(const std::string& program, int control) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const int pid = ::fork();
  if (pid == 0) exec_worker(program, control);
  const int why = errno;
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  errno = why;
  return pid;
}

}  // namespace

Supervisor::Child::~Child() {
  watch.reset();
  if (control >= 0) ::close(control);
}

Supervisor::Supervisor(Candidate first, std::string path)
    : configuration_(std::move(first), std::move(path)),
      program_(program_path()),
      workers_(worker_count(configuration_.settings())),
      change_deadline_(
          [](void* self) {
            static_cast<Supervisor*>(self)->finish_reload(false, "a worker did not answer in time");
          },
          this),
      down_(workers_),
      lenders_(workers_),
      restart_deadline_([](void* self) { static_cast<Supervisor*>(self)->start_waiting(); }, this),
      unavailable_(loop_) {}

Supervisor::~Supervisor() = default;

int Supervisor::run() {
  prepare_process();
  log::set_source("supervisor");
  auto sockets = open_sockets(configuration_.settings(), workers_);
  if (!sockets.ok()) return log::error(sockets.error().text), int(ExitCode::cannot_listen);
  sockets_ = std::move(sockets).value();
  auto region = shared::Region::create(configuration_.settings().shared_memory_size, workers_);
  if (!region.ok()) return log::error(region.error().text), int(ExitCode::failed);
  region_ = std::move(region).value();
  watchdog_ = std::make_unique<Watchdog>(loop_, region_->board(),
                                         [this](const auto& stall) { on_stall(stall); });
  watchdog_->set_limits(configuration_.settings().plugin_stall_warning,
                        configuration_.settings().plugin_stall_timeout);
  serve();
  watchdog_.reset();
  return status_;
}

void Supervisor::serve() {
  const auto stop_now = [this] { stop(); };
  net::SignalWatch child(loop_, SIGCHLD, [this] { on_child_signal(); });
  net::SignalWatch term(loop_, SIGTERM, stop_now), quit(loop_, SIGQUIT, stop_now),
      interrupt(loop_, SIGINT, stop_now);
  net::SignalWatch hup(loop_, SIGHUP, [this] { reload(); });
  net::SignalWatch usr1(loop_, SIGUSR1, [this] { reopen_logs(); });
  net::SignalWatch usr2(loop_, SIGUSR2, [this] { upgrade(); });
  for (std::uint32_t i = 0; i < workers_ && !stopping_; ++i) {
    if (spawn(i, false)) continue;
    status_ = int(ExitCode::failed);
    stop();
  }
  loop_.run();
}

// --- starting ---

std::optional<std::uint32_t> Supervisor::free_slot(std::uint32_t index) const {
  // Each index has two, for the time in which a fresh worker takes over.
  for (const std::uint32_t slot : {index, index + workers_})
    if (std::none_of(children_.begin(), children_.end(),
                     [slot](const auto& c) { return c->slot == slot; }))
      return slot;
  return std::nullopt;
}

bool Supervisor::spawn(std::uint32_t index, bool fresh) {
  const auto fail = [index](std::string_view why) {
    log::error("cannot start a worker", {{"worker", cat(index)}, {"why", why}});
    return false;
  };
  const auto slot = free_slot(index);
  if (!slot) return fail("two of its processes still run");
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(std::strerror(errno));
  auto child = std::make_unique<Child>(*this);
  child->control = ends[0];
  child->index = index;
  child->slot = *slot;
  child->fresh = fresh;
  auto& board = region_->board();
  board.begin(*slot, index);
  const bool told = say_hello(*child, fresh ? *next_ : Candidate{configuration_.source(), {}});
  child->pid = told ? fork_worker(program_, ends[1]) : -1;
  const int why = errno;
  ::close(ends[1]);
  if (child->pid < 0) return board.end(*slot), fail(std::strerror(why));
  board.started(*slot, child->pid);
  Child& started = *child;
  child->watch = std::make_unique<net::FdWatch>(loop_, started.control,
                                                [this, &started] { on_control(started); });
  child->limit.set(loop_.deadlines(), k_start_timeout);
  children_.push_back(std::move(child));
  return true;
}

// It waits in the socket until the worker reads it.
bool Supervisor::say_hello(Child& child, const Candidate& candidate) {
  auto source = source_to_fd(candidate.source);
  if (!source.ok()) return log::error(source.error().text), false;
  Hello hello{child.index, workers_, child.slot, {}};
  Message message{
      Tell::hello, child.fresh ? newest_ : generation_, {}, {region_->fd(), source.value()}};
  for (const ListenSocket& socket : sockets_.of_worker[child.index]) {
    hello.sockets.push_back(describe_socket(socket));
    message.fds.push_back(socket.fd);
  }
  message.text = hello_text(hello);
  const bool sent = send_message(child.control, message);
  ::close(source.value());
  return sent;
}

void Supervisor::on_control(Child& child) {
  for (;;) {
    auto received = receive_message(child.control);
    if (!received.ok()) {
      child.watch.reset();  // SIGCHLD tells the rest
      return;
    }
    if (!received.value()) return;
    for (const int fd : received.value()->fds) ::close(fd);
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
    case Tell::busy:
      return watchdog_->wake();
    default:
      return;
  }
}

void Supervisor::on_ready(Child& child) {
  if (child.state != State::starting) return;  // asked to drain meanwhile
  child.state = State::serving;
  child.limit.clear();
  log::info("worker ready", {{"worker", cat(child.index)}, {"pid", cat(child.pid)}});
  if (change_ == Change::upgrade) {
    if (!any(State::starting)) finish_upgrade(true);
    return;
  }
  down_[child.index] = false;
  cover();
  if (!ready_ && !any(State::starting)) {
    ready_ = true;
    log_listening(sockets_);
    log::notice("ready",
                {{"workers", cat(workers_)}, {"configuration", configuration_.snapshot().hash}});
    notify_systemd("READY=1");
  }
  run_due();
}

void Supervisor::on_failed(Child& child, const std::string& why) {
  child.failed = true;
  if (child.fresh) {
    log::write_lines(log::Level::error, "fresh worker refused, the old ones stay", why);
    if (change_ == Change::upgrade) finish_upgrade(false);
    return;
  }
  log::write_lines(log::Level::error, "worker cannot start", why);
  if (ready_ || stopping_) return;
  status_ = int(ExitCode::bad_configuration);
  stop();
}

// --- while they serve ---

void Supervisor::reopen_logs() {
  if (auto opened = log::reopen(); !opened.ok()) log::error(opened.error().text);
  for (auto& child : children_) send_message(child->control, {Tell::reopen, 0, {}, {}});
  log::notice("log files are opened again");
}

// --- the end ---

void Supervisor::drain(Child& child, bool replaced) {
  const std::uint64_t timeout = configuration_.settings().shutdown_timeout;
  send_message(child.control, {Tell::drain, timeout, replaced ? "replaced" : "", {}});
  if (child.state == State::draining) return;
  child.state = State::draining;
  child.limit.set(loop_.deadlines(), timeout + k_drain_margin);
}

void Supervisor::stop() {
  if (std::exchange(stopping_, true)) return kill_all();
  notify_systemd("STOPPING=1");
  log::notice("draining", {{"workers", cat(children_.size())}});
  change_deadline_.clear();
  restart_deadline_.clear();
  cover();
  for (auto& child : children_) drain(*child, false);
  sockets_.close_for_clients();
  if (children_.empty()) loop_.stop();
}

void Supervisor::kill_all() {
  log::warn("asked again to stop: killing the workers");
  for (auto& child : children_) ::kill(child->pid, SIGKILL);
}

}  // namespace gw::server
