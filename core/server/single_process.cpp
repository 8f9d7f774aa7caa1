// SPDX-License-Identifier: Apache-2.0
#include "server/single_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "base/exit_code.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "net/signal_watch.hpp"
#include "server/gateway.hpp"
#include "server/listen_sockets.hpp"
#include "server/process.hpp"
#include "shared/worker_board.hpp"

namespace gw::server {

namespace {

class Single {
 public:
  Single(ListenSockets sockets, std::unique_ptr<shared::Region> region, Candidate first,
         const std::string& path)
      : sockets_(std::move(sockets)),
        region_(std::move(region)),
        configuration_(std::move(first), path) {}

  int run() {
    log::set_source("worker 0");
    region_->use_slot(0);
    region_->board().begin(0, 0);
    region_->board().started(0, ::getpid());
    report_crashes(*region_);
    WorkerContext context;
    context.region = region_.get();
    context.sockets = sockets_.of_worker[0];
    gateway_ = Gateway::create(loop_, std::move(context));
    const Candidate first{configuration_.source(), configuration_.shared_snapshot()};
    std::string why;
    if (!prepare(*gateway_, generation_, first, why)) {
      log::write_lines(log::Level::error, "configuration refused", why);
      gateway_.reset();
      return int(ExitCode::bad_configuration);
    }
    gateway_->commit();
    serve();
    gateway_.reset();
    return 0;
  }

 private:
  void serve() {
    const auto stop = [this] { end(); };
    net::SignalWatch term(loop_, SIGTERM, stop), quit(loop_, SIGQUIT, stop),
        interrupt(loop_, SIGINT, stop);
    net::SignalWatch hup(loop_, SIGHUP, [this] { reload(); });
    net::SignalWatch usr1(loop_, SIGUSR1, [] {
      if (auto opened = log::reopen(); !opened.ok()) log::error(opened.error().text);
    });
    net::SignalWatch usr2(loop_, SIGUSR2, [] {
      log::warn("without a supervisor there are no fresh workers: restart for new code");
    });
    std::unique_ptr<net::SignalWatch> child;
    // As the first process of a container it inherits whatever is orphaned there.
    if (::getpid() == 1)
      child = std::make_unique<net::SignalWatch>(loop_, SIGCHLD, [] {
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
      });
    log_listening(sockets_);
    // Whoever hears of it may send signals at once.
    log::notice("ready", {{"workers", "1"}, {"configuration", configuration_.snapshot().hash}});
    notify_systemd("READY=1");
    loop_.run();
  }

  void reload() {
    if (ending_) return;
    auto next = configuration_.read_again();
    if (!next) return;
    notify_reloading(loop_.now_ns());
    std::string why;
    if (prepare(*gateway_, generation_ + 1, *next, why)) {
      ++generation_;
      gateway_->commit();
      configuration_.accept(std::move(*next));
      log::notice("configuration reloaded", {{"generation", cat(generation_)},
                                             {"configuration", configuration_.snapshot().hash}});
    } else {
      log::write_lines(log::Level::error, "configuration refused, the old one stays", why);
    }
    notify_systemd("READY=1");
  }

  void end() {
    if (std::exchange(ending_, true)) return loop_.stop();
    notify_systemd("STOPPING=1");
    log::notice("draining");
    gateway_->drain(configuration_.settings().shutdown_timeout, Gateway::End::service,
                    [this] { loop_.stop(); });
    sockets_.close_for_clients();
  }

  net::Loop loop_;
  ListenSockets sockets_;
  std::unique_ptr<shared::Region> region_;
  Configuration configuration_;
  std::unique_ptr<Gateway> gateway_;
  std::uint64_t generation_ = 1;
  bool ending_ = false;
};

}  // namespace

int run_single(Candidate first, const std::string& path) {
  prepare_process();
  auto sockets = open_sockets(first.snapshot->settings, 1);
  if (!sockets.ok()) return log::error(sockets.error().text), int(ExitCode::cannot_listen);
  auto region = shared::Region::create(first.snapshot->settings.shared_memory_size, 1);
  if (!region.ok()) return log::error(region.error().text), int(ExitCode::failed);
  return Single(std::move(sockets).value(), std::move(region).value(), std::move(first), path)
      .run();
}

}  // namespace gw::server
