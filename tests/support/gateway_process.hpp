// SPDX-License-Identifier: Apache-2.0
// GatewayProcess: the real binary with a configuration of the test's own, in a folder of its own.
// Its ports are the kernel's choice and are read from its log. Stopped, and its folder removed,
// when it is destroyed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "deadline.hpp"

namespace support {

// The binary under test: TEST_GATEWRIGHT, or the one that was built with the test.
std::string gateway_binary();

// How a gateway is started, where a test needs it otherwise.
struct Launch {
  std::string binary;  // empty: the one that was built
  std::string proxy_listen = "127.0.0.1:0";
  std::uint64_t descriptors = 0;                                   // open files; 0: the test's
  std::vector<std::string> command;                                // empty: run FILE
  std::vector<std::string> arguments;                              // behind the command
  std::vector<std::pair<std::string, std::string>> environment{};  // added
  std::function<void()> before_exec;                               // in its process
};

class GatewayProcess {
 public:
  // `entities` follow a `gateway` section with ports 0 and `settings` (indented lines "  name:
  // value\n"). "@FOLDER@" in either stands for folder().
  explicit GatewayProcess(const std::string& entities,
                          const std::string& settings = "  workers: 1\n",
                          const Launch& launch = {});
  GatewayProcess(const std::string& entities, const std::string& settings,
                 const std::string& proxy_listen, std::uint64_t descriptors = 0);
  ~GatewayProcess();
  GatewayProcess(const GatewayProcess&) = delete;
  GatewayProcess& operator=(const GatewayProcess&) = delete;

  std::uint16_t port() const { return proxy_; }
  std::uint16_t admin_port() const { return admin_; }
  std::uint16_t status_port() const { return status_; }

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Writes another configuration into its file; SIGHUP makes it read.
  void rewrite(const std::string& entities) const;
  // A line of the log with this in it, from now or before. Throws Timeout.
  void wait_for_log(const std::string& text, const Deadline& deadline = Deadline()) const;
  std::size_t count_log(const std::string& text) const;
  // So many lines with this in them. Throws Timeout.
  void wait_for_logs(std::size_t n, const std::string& text,
                     const Deadline& deadline = Deadline()) const;
  std::vector<pid_t> workers() const;
  // SIGTERM; the exit status, -1 when it had to be killed.
  int stop();
  // The exit status of one that ends without being asked to, -1 when it had to be killed.
  int wait();
  const std::string& folder() const { return folder_; }
  std::string log() const;

 private:
  std::uint16_t port_of(const std::string& kind) const;

  std::string folder_, settings_, proxy_listen_;
  pid_t pid_ = -1;
  std::uint16_t proxy_ = 0, admin_ = 0, status_ = 0;
};

struct Finished {
  int status;
  std::string out;  // both streams
};
// The binary with arguments of a shell; its folder is the working directory.
Finished run_gateway(const std::string& arguments, const std::string& folder);
Finished run_shell(const std::string& command);

// Memory of a process that is in RAM.
std::size_t resident_kib(pid_t pid);

// A folder that is removed with it.
struct Folder {
  Folder();
  ~Folder();
  std::string path;
};
void write_file(const std::string& path, const std::string& text);

}  // namespace support
