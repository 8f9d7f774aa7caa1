// SPDX-License-Identifier: Apache-2.0
#include "nginx_process.hpp"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "deadline.hpp"
#include "raw_client.hpp"

namespace support {

namespace {

// A port of the kernel's choice that stays bound: what binds it with SO_REUSEPORT may listen there,
// and nobody else gets it.
int hold_port(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no port for nginx");
  port = ntohs(address.sin_port);
  return fd;
}

}  // namespace

NginxProcess::NginxProcess(const std::string& servers, std::size_t ports) {
  char pattern[] = "/tmp/gatewright-nginx-XXXXXX";
  if (mkdtemp(pattern) == nullptr) throw std::runtime_error("mkdtemp failed");
  folder_ = pattern;
  ports_.resize(ports);
  for (auto& port : ports_) held_.push_back(hold_port(port));
  write_configuration(servers);
  start();
}

void NginxProcess::write_configuration(std::string servers) const {
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const std::string mark = "@PORT" + std::to_string(i) + "@";
    const std::string address = "127.0.0.1:" + std::to_string(ports_[i]) + " reuseport";
    for (auto at = servers.find(mark); at != servers.npos; at = servers.find(mark, at))
      servers.replace(at, mark.size(), address);
  }
  std::ofstream out(folder_ + "/nginx.conf");
  out << "daemon off;\nmaster_process off;\npid " << folder_ << "/nginx.pid;\nerror_log " << folder_
      << "/error.log info;\nevents {}\nhttp {\n  access_log off;\n";
  for (const auto name : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    out << "  " << name << "_temp_path " << folder_ << "/" << name << ";\n";
  out << servers << "\n}\n";
}

void NginxProcess::start() {
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    const std::string configuration = folder_ + "/nginx.conf", log = folder_ + "/error.log";
    ::setenv("PATH", "/usr/sbin:/usr/local/sbin:/usr/bin:/bin", 1);
    ::execlp("nginx", "nginx", "-p", folder_.c_str(), "-c", configuration.c_str(), "-e",
             log.c_str(), nullptr);
    ::_exit(127);
  }
  const Deadline deadline;
  while (!std::filesystem::exists(folder_ + "/nginx.pid")) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_ || deadline.left_ms() == 0) {
      std::stringstream said;
      said << std::ifstream(folder_ + "/error.log").rdbuf();
      throw std::runtime_error("nginx does not start: " + said.str());
    }
    ::poll(nullptr, 0, 5);
  }
}

void NginxProcess::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

NginxProcess::~NginxProcess() {
  kill();
  for (const int fd : held_) ::close(fd);
  std::filesystem::remove_all(folder_);
}

}  // namespace support
