// SPDX-License-Identifier: Apache-2.0
// NginxProcess: a real nginx with servers of the test's own. Stopped, and its folder removed, when
// it is destroyed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace support {

class NginxProcess {
 public:
  // `servers` is what stands in its http block; "@PORT0@", "@PORT1@"… stand for addresses to listen
  // on, with the flag reuseport: "listen @PORT0@ ssl;". Throws if it does not start.
  NginxProcess(const std::string& servers, std::size_t ports = 1);
  ~NginxProcess();
  NginxProcess(const NginxProcess&) = delete;
  NginxProcess& operator=(const NginxProcess&) = delete;

  std::uint16_t port(std::size_t i = 0) const { return ports_[i]; }
  pid_t pid() const { return pid_; }
  const std::string& folder() const { return folder_; }
  // As by a crash: all of its processes at once.
  void kill();

 private:
  void write_configuration(std::string servers) const;
  void start();

  std::string folder_;
  std::vector<int> held_;  // keep the ports ours
  std::vector<std::uint16_t> ports_;
  pid_t pid_ = -1;
};

}  // namespace support
