// SPDX-License-Identifier: Apache-2.0
#include "server/worker_main.hpp"

#include <unistd.h>

#include <csignal>

#include "base/log.hpp"
#include "base/text.hpp"
#include "net/fd_watch.hpp"
#include "net/signal_watch.hpp"
#include "server/control.hpp"
#include "server/exit_code.hpp"
#include "server/listen_sockets.hpp"
#include "server/process.hpp"
#include "shared/worker_board.hpp"

namespace gw::server {

namespace {

class Supervised {
 public:
  explicit Supervised(int control)
      : control_(control),
        watch_(std::make_unique<net::FdWatch>(loop_, control, [this] { on_control(); })) {}

  int run() {
    loop_.run();
    gateway_.reset();
    watch_.reset();
    return status_;
  }

 private:
  void on_control() {
    for (;;) {
      auto received = receive_message(control_);
      if (!received.ok()) return on_orphaned();
      if (!received.value()) return;
      on_message(*received.value());
      if (stopping_) return;
    }
  }

  void on_message(const Message& message) {
    switch (message.tell) {
      case Tell::hello:
        return start(message);
      case Tell::prepare:
        return prepare(message);
      case Tell::commit:
        return gateway_->commit();
      case Tell::abandon:
        return gateway_->abandon();
      case Tell::drain:
        return drain(message.number);
      default:
        return;
    }
  }

  // text: version, index, count, slot, then a line for each socket. fds: region, source, sockets.
  void start(const Message& hello) {
    const auto lines = split(hello.text, '\n');
    const auto numbers = split(lines[0], ' ');
    if (numbers.size() != 4 || to_u64(numbers[0]) != k_control_version)
      return fail("the supervisor is of another version: restart it");
    WorkerContext context;
    context.index = std::uint32_t(*to_u64(numbers[1]));
    context.count = std::uint32_t(*to_u64(numbers[2]));
    context.supervised = true;
    log::set_source(cat("worker ", context.index));
    auto region = shared::Region::attach(hello.fds[0]);
    if (!region.ok()) return fail(region.error().text);
    region_ = std::move(region).value();
    region_->use_slot(std::uint32_t(*to_u64(numbers[3])));
    context.region = region_.get();
    report_crashes(*region_);
    for (std::size_t i = 1; i < lines.size() && i + 1 < hello.fds.size(); ++i) {
      ListenSocket socket;
      if (parse_socket(lines[i], socket)) {
        socket.fd = hello.fds[i + 1];
        context.sockets.push_back(socket);
      }
    }
    gateway_ = Gateway::create(loop_, std::move(context));
    std::string why;
    if (!try_prepare(hello.fds[1], hello.number, why)) return fail(why);
    gateway_->commit();
    send_message(control_, {Tell::ready, hello.number, {}, {}});
  }

  bool try_prepare(int fd, std::uint64_t generation, std::string& why) {
    auto source = source_from_fd(fd);
    ::close(fd);
    if (!source.ok()) return why = source.error().text, false;
    const std::string file = source.value().file, text = source.value().text;
    std::vector<config::Diagnostic> diagnostics;
    const bool fine = gateway_->prepare(generation, std::move(source).value(), diagnostics);
    config::sort(diagnostics);
    if (fine && !diagnostics.empty())
      log::write_lines(log::Level::warn, "configuration",
                       config::render(diagnostics, file, text, false));
    if (!fine) why = config::render(diagnostics, file, text, false);
    return fine;
  }

  void prepare(const Message& message) {
    std::string why;
    const bool fine = !message.fds.empty() && try_prepare(message.fds[0], message.number, why);
    send_message(control_, {fine ? Tell::prepared : Tell::refused, message.number, why, {}});
  }

  void drain(std::uint64_t timeout_ms) {
    gateway_->drain(timeout_ms, [this] {
      stopping_ = true;
      loop_.stop();
    });
  }

  void fail(const std::string& why) {
    send_message(control_, {Tell::failed, 0, why, {}});
    status_ = int(ExitCode::bad_configuration);
    stopping_ = true;
    loop_.stop();
  }

  // The supervisor is gone: nobody would replace or stop this worker.
  void on_orphaned() {
    watch_.reset();
    log::error("the supervisor is gone: draining");
    if (gateway_) return drain(10000);
    loop_.stop();
  }

  net::Loop loop_;
  int control_;
  int status_ = 0;
  bool stopping_ = false;
  std::unique_ptr<shared::Region> region_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<net::FdWatch> watch_;
};

// Of a process that is its own supervisor.
class Single {
 public:
  Single(ListenSockets sockets, std::unique_ptr<shared::Region> region, std::string path)
      : sockets_(std::move(sockets)), region_(std::move(region)), path_(std::move(path)) {}

  int run(config::Source source) {
    log::set_source("worker 0");
    region_->use_slot(0);
    region_->board().begin(0, 0, ::getpid());
    report_crashes(*region_);
    WorkerContext context;
    context.region = region_.get();
    context.sockets = sockets_.of_worker[0];
    gateway_ = Gateway::create(loop_, std::move(context));
    flags_ = source.flags;
    if (!load(std::move(source))) return gateway_.reset(), int(ExitCode::bad_configuration);
    log_listening(sockets_);
    log::notice("ready", {{"workers", "1"}});
    notify_systemd("READY=1");
    const auto stop = [this] { end(); };
    net::SignalWatch term(loop_, SIGTERM, stop), quit(loop_, SIGQUIT, stop),
        interrupt(loop_, SIGINT, stop);
    net::SignalWatch hup(loop_, SIGHUP, [this] { reload(); });
    loop_.run();
    gateway_.reset();
    return 0;
  }

 private:
  bool load(config::Source source) {
    const std::string file = source.file, text = source.text;
    timeout_ = config::load(source).snapshot
                   ? config::load(source).snapshot->settings.shutdown_timeout
                   : timeout_;
    std::vector<config::Diagnostic> diagnostics;
    const bool fine = gateway_->prepare(++generation_, std::move(source), diagnostics);
    config::sort(diagnostics);
    const std::string rendered = config::render(diagnostics, file, text, false);
    if (fine) {
      if (!rendered.empty()) log::write_lines(log::Level::warn, "configuration", rendered);
      gateway_->commit();
    } else {
      log::write_lines(log::Level::error, "configuration refused", rendered);
    }
    return fine;
  }

  void reload() {
    auto source = config::read_source(path_);
    if (!source.ok()) return log::error("configuration refused", {{"why", source.error().text}});
    source.value().flags = flags_;
    if (load(std::move(source).value()))
      log::notice("configuration reloaded", {{"generation", cat(generation_)}});
  }

  void end() {
    if (std::exchange(ending_, true)) return loop_.stop();
    notify_systemd("STOPPING=1");
    log::notice("draining");
    gateway_->drain(timeout_, [this] { loop_.stop(); });
  }

  net::Loop loop_;
  ListenSockets sockets_;
  std::unique_ptr<shared::Region> region_;
  std::string path_;
  std::vector<std::pair<std::string, std::string>> flags_;
  std::unique_ptr<Gateway> gateway_;
  std::uint64_t generation_ = 0;
  std::uint64_t timeout_ = 10000;
  bool ending_ = false;
};

}  // namespace

int run_worker(int control_fd) {
  prepare_process();
  // The terminal's signals go to the whole group; the supervisor alone acts on them.
  for (const int number : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR2}) std::signal(number, SIG_IGN);
  return Supervised(control_fd).run();
}

int run_single(config::Source source, const config::Snapshot& first, const std::string& path) {
  prepare_process();
  auto sockets = open_sockets(first.settings, 1);
  if (!sockets.ok()) return log::error(sockets.error().text), int(ExitCode::cannot_listen);
  auto region = shared::Region::create(first.settings.shared_memory_size, 1);
  if (!region.ok()) return log::error(region.error().text), int(ExitCode::failed);
  return Single(std::move(sockets).value(), std::move(region).value(), path).run(std::move(source));
}

}  // namespace gw::server
