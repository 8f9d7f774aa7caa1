// SPDX-License-Identifier: Apache-2.0
#include "server/process.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/log.hpp"
#include "base/text.hpp"
#include "shared/names.hpp"
#include "shared/region.hpp"
#include "shared/worker_board.hpp"

namespace gw::server {

namespace {

shared::Region* g_region = nullptr;

// Async-signal-safe text.
struct Line {
  char text[512];
  std::size_t size = 0;
  void add(std::string_view piece) {
    const std::size_t n = std::min(piece.size(), sizeof text - size);
    std::memcpy(text + size, piece.data(), n);
    size += n;
  }
};

std::string_view signal_text(int number) {
  switch (number) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGABRT:
      return "SIGABRT";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    default:
      return "SIGILL";
  }
}

void on_fatal(int number) {
  const auto& slot = g_region->board().mine();
  const auto crumb = slot.last();
  Line line;
  line.add("gatewright: crash signal=");
  line.add(signal_text(number));
  if (crumb.where != shared::Where::none) {
    line.add(" plugin=");
    line.add(g_region->names().text(crumb.plugin));
    line.add(" phase=");
    line.add(shared::to_string(crumb.where));
    line.add(" route=");
    line.add(crumb.route != 0 ? g_region->names().text(crumb.route) : "-");
    line.add(" request_id=");
    line.add(slot.last_request().empty() ? "-" : slot.last_request());
  }
  line.add("\n");
  [[maybe_unused]] const auto written = ::write(log::descriptor(), line.text, line.size);
  std::signal(number, SIG_DFL);
  ::raise(number);
}

}  // namespace

std::string program_path() {
  char link[PATH_MAX];
  const ssize_t n = ::readlink("/proc/self/exe", link, sizeof link);
  return n > 0 ? std::string(link, std::size_t(n)) : "/proc/self/exe";
}

void prepare_process() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
  std::signal(SIGPIPE, SIG_IGN);
}

void report_crashes(shared::Region& region) {
  g_region = &region;
  static char stack[32 * 1024];
  const stack_t alternate{stack, 0, sizeof stack};
  ::sigaltstack(&alternate, nullptr);
  struct sigaction action {};
  action.sa_handler = on_fatal;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND;
  for (const int number : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL})
    ::sigaction(number, &action, nullptr);
}

void notify_systemd(const char* state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || path[0] == '\0') return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) return;
  std::strcpy(address.sun_path, path);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  ::sendto(fd, state, std::strlen(state), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
           size);
  ::close(fd);
}

void notify_reloading(std::uint64_t monotonic_ns) {
  notify_systemd(cat("RELOADING=1\nMONOTONIC_USEC=", monotonic_ns / 1000).c_str());
}

}  // namespace gw::server
