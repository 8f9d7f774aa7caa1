// SPDX-License-Identifier: Apache-2.0
#include "server/worker_main.hpp"

#include <unistd.h>

#include <csignal>

#include "base/exit_code.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "net/fd_watch.hpp"
#include "server/configuration.hpp"
#include "server/control.hpp"
#include "server/listen_sockets.hpp"
#include "server/process.hpp"
#include "shared/worker_board.hpp"

namespace gw::server {

namespace {

constexpr std::size_t k_region_fd = 0, k_source_fd = 1, k_first_socket_fd = 2;  // of a hello

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
    while (!stopping_) {
      auto received = receive_message(control_);
      if (!received.ok()) return on_orphaned(received.error().text);
      if (!received.value()) return;
      on_message(*received.value());
    }
  }

  void on_message(const Message& message) {
    if (message.tell == Tell::hello) return start(message);
    if (!gateway_) return;
    switch (message.tell) {
      case Tell::prepare:
        return prepare(message);
      case Tell::commit:
        return commit();
      case Tell::abandon:
        return gateway_->abandon();
      case Tell::drain:
        return drain(message.number,
                     message.text == "replaced" ? Gateway::End::worker : Gateway::End::service);
      case Tell::lend:
        return lend(message);
      case Tell::take_back:
        return gateway_->take_back(std::uint32_t(message.number));
      case Tell::reopen:
        if (auto opened = log::reopen(); !opened.ok()) log::error(opened.error().text);
        return;
      default:
        return;
    }
  }

  // fds: region, source, sockets.
  void start(const Message& message) {
    auto hello = read_hello(message.text);
    if (!hello.ok()) return fail(hello.error().text);
    if (message.fds.size() != k_first_socket_fd + hello->sockets.size())
      return fail("not all descriptors have arrived: too many open files?");
    WorkerContext context;
    context.index = hello->index;
    context.count = hello->count;
    log::set_source(cat("worker ", context.index));
    auto region = shared::Region::attach(message.fds[k_region_fd]);
    ::close(message.fds[k_region_fd]);
    if (!region.ok()) return fail(region.error().text);
    region_ = std::move(region).value();
    if (hello->slot >= region_->slots()) return fail("the supervisor's hello is not whole");
    region_->use_slot(hello->slot);
    region_->board().on_unwatched = [this] { send_message(control_, {Tell::busy, 0, {}, {}}); };
    context.region = region_.get();
    report_crashes(*region_);
    if (!read_sockets(hello->sockets, message.fds, k_first_socket_fd, sockets_))
      return fail("the supervisor's hello is not whole");
    context.sockets = sockets_;
    first_ = context.index == 0;
    gateway_ = Gateway::create(loop_, std::move(context));
    std::string why;
    if (!try_prepare(message.fds[k_source_fd], message.number, why)) return fail(why);
    commit();
    send_message(control_, {Tell::ready, message.number, {}, {}});
  }

  static bool read_sockets(const std::vector<std::string>& lines, const std::vector<int>& fds,
                           std::size_t first, std::vector<ListenSocket>& out) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      ListenSocket socket;
      if (!parse_socket(lines[i], socket)) return false;
      socket.fd = fds[first + i];
      out.push_back(socket);
    }
    return true;
  }

  bool try_prepare(int fd, std::uint64_t generation, std::string& why) {
    auto source = source_from_fd(fd);
    ::close(fd);
    if (!source.ok()) return why = source.error().text, false;
    next_ = server::prepare(*gateway_, generation, std::move(source).value(), first_, why);
    return next_ != nullptr;
  }

  void prepare(const Message& message) {
    std::string why = "its descriptor has not arrived: too many open files?";
    const bool fine = message.fds.size() == 1 && try_prepare(message.fds[0], message.number, why);
    send_message(
        control_,
        {fine ? Tell::prepared : Tell::refused, message.number, fine ? std::string() : why, {}});
  }

  void commit() {
    gateway_->commit();
    orphan_timeout_ = next_->settings.shutdown_timeout;
    next_.reset();
  }

  void lend(const Message& message) {
    const auto texts = split(message.text, '\n');
    std::vector<ListenSocket> sockets;
    const bool whole = texts.size() == message.fds.size() &&
                       read_sockets({texts.begin(), texts.end()}, message.fds, 0, sockets);
    if (whole) return gateway_->lend(std::uint32_t(message.number), std::move(sockets));
    log::warn("another worker's sockets have not arrived whole");
    for (const int fd : message.fds) ::close(fd);
  }

  void drain(std::uint64_t timeout_ms, Gateway::End end) {
    gateway_->drain(timeout_ms, end, [this] {
      stopping_ = true;
      loop_.stop();
    });
    if (end == Gateway::End::service) close_for_clients(sockets_);
  }

  void fail(const std::string& why) {
    send_message(control_, {Tell::failed, 0, why, {}});
    status_ = int(ExitCode::bad_configuration);
    stopping_ = true;
    loop_.stop();
  }

  // Nobody would replace or stop this worker.
  void on_orphaned(const std::string& why) {
    watch_.reset();
    log::error("the supervisor is gone: draining", {{"why", why}});
    stopping_ = true;
    if (!gateway_) return loop_.stop();
    drain(orphan_timeout_, Gateway::End::service);
  }

  net::Loop loop_;
  int control_;
  std::vector<ListenSocket> sockets_;
  int status_ = 0;
  bool first_ = false;  // of the workers: the one that logs what all would log
  bool stopping_ = false;
  std::shared_ptr<const config::Snapshot> next_;  // prepared
  std::uint64_t orphan_timeout_ = 0;              // ms
  std::unique_ptr<shared::Region> region_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<net::FdWatch> watch_;
};

}  // namespace

int run_worker(int control_fd) {
  prepare_process();
  // The terminal's signals go to the whole group; the supervisor alone acts on them.
  for (const int number : k_handled_signals) std::signal(number, SIG_IGN);
  return Supervised(control_fd).run();
}

}  // namespace gw::server
