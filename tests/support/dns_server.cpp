// SPDX-License-Identifier: Apache-2.0
#include "dns_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "deadline.hpp"

namespace support {

namespace {

// dnsmasq shares its port with nobody, so that it cannot be held for it: it may be taken when it is
// started, and then another one is tried.
std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    throw std::runtime_error("no port for dnsmasq");
  ::close(fd);
  return ntohs(at.sin_port);
}

}  // namespace

DnsServer::DnsServer(std::vector<std::string> records, const std::string& address) {
  if (!address.empty()) {
    address_ = address;
    port_ = 53;
    if (!start(records)) throw std::runtime_error("dnsmasq does not start at " + address);
    return;
  }
  for (int i = 0; i < 10; ++i) {
    port_ = free_port();
    if (start(records)) return;
  }
  throw std::runtime_error("dnsmasq does not start");
}

// True once it says that it has started, which is when its sockets are open.
bool DnsServer::start(const std::vector<std::string>& records) {
  std::vector<std::string> words{"dnsmasq",
                                 "--no-daemon",
                                 "--no-resolv",
                                 "--no-hosts",
                                 "--no-poll",
                                 "--conf-file=/dev/null",
                                 "--pid-file=",
                                 "--bind-interfaces",
                                 "--local=/test/",
                                 "--listen-address=" + address_,
                                 "--port=" + std::to_string(port_)};
  if (::getuid() == 0) words.push_back("--user=root");
  for (const auto& record : records) words.push_back("--" + record);
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(pipe[1], STDERR_FILENO);
    ::setenv("PATH", "/usr/sbin:/usr/local/sbin:/usr/bin:/bin", 1);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(pipe[1]);
  std::string said;
  const Deadline deadline;
  char buffer[512];
  while (said.find("started") == said.npos) {
    pollfd asked{pipe[0], POLLIN, 0};
    const ssize_t n =
        ::poll(&asked, 1, int(deadline.left_ms())) > 0 ? ::read(pipe[0], buffer, sizeof buffer) : 0;
    if (n <= 0) break;
    said.append(buffer, std::size_t(n));
  }
  const bool started = said.find("started") != said.npos;
  said_ = pipe[0];  // open as long as it runs: a message later must not end it
  if (!started) stop();
  return started;
}

void DnsServer::change(std::vector<std::string> records) {
  stop();
  if (!start(records)) throw std::runtime_error("dnsmasq does not start again");
}

void DnsServer::stop() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::close(said_);
  pid_ = -1;
}

void DnsServer::signal(int number) const { ::kill(pid_, number); }

}  // namespace support
