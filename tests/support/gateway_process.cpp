// SPDX-License-Identifier: Apache-2.0
#include "gateway_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace support {

namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::string gateway_binary() {
  const char* other = std::getenv("TEST_GATEWRIGHT");
  return other != nullptr ? other : GATEWRIGHT_BINARY;
}

std::size_t resident_kib(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; in >> word;)
    if (word == "VmRSS:") {
      std::size_t kib = 0;
      in >> kib;
      return kib;
    }
  return 0;
}

Folder::Folder() {
  std::string name = std::filesystem::temp_directory_path() / "gatewright-test-XXXXXX";
  path = ::mkdtemp(name.data());
}

Folder::~Folder() { std::filesystem::remove_all(path); }

void write_file(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

GatewayProcess::GatewayProcess(const std::string& entities, const std::string& settings,
                               const std::string& proxy_listen, std::uint64_t descriptors)
    : GatewayProcess(entities, settings, [&] {
        Launch launch;
        launch.proxy_listen = proxy_listen;
        launch.descriptors = descriptors;
        return launch;
      }()) {}

GatewayProcess::GatewayProcess(const std::string& entities, const std::string& settings,
                               const Launch& launch)
    : settings_(settings), proxy_listen_(launch.proxy_listen) {
  std::string name = std::filesystem::temp_directory_path() / "gatewright-test-XXXXXX";
  folder_ = ::mkdtemp(name.data());
  rewrite(entities);
  const std::string log = folder_ + "/log", file = folder_ + "/kong.yml";
  const std::string binary = launch.binary.empty() ? gateway_binary() : launch.binary;
  const std::vector<std::string> usual{"run", file};
  std::vector<const char*> arguments{"gatewright"};
  for (const auto* list : {launch.command.empty() ? &usual : &launch.command, &launch.arguments})
    for (const auto& argument : *list) arguments.push_back(argument.c_str());
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const rlimit files{launch.descriptors, launch.descriptors};
    if (launch.descriptors > 0) ::setrlimit(RLIMIT_NOFILE, &files);
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(fd, STDERR_FILENO);
    for (const auto& [key, value] : launch.environment) ::setenv(key.c_str(), value.c_str(), 1);
    if (launch.before_exec) launch.before_exec();
    ::execv(binary.c_str(), const_cast<char* const*>(arguments.data()));
    ::_exit(127);
  }
  wait_for_log(" ready workers=", Deadline(Milliseconds(20000)));
  proxy_ = port_of("proxy");
  admin_ = port_of("admin");
  status_ = port_of("status");
}

GatewayProcess::~GatewayProcess() {
  stop();
  std::filesystem::remove_all(folder_);
}

void GatewayProcess::rewrite(const std::string& entities) const {
  static const std::string k_mark = "@FOLDER@";
  std::string text = "_format_version: \"3.0\"\ngateway:\n  proxy_listen: " + proxy_listen_ +
                     "\n  admin_listen: 127.0.0.1:0\n  status_listen: 127.0.0.1:0\n" + settings_ +
                     entities;
  for (std::size_t at; (at = text.find(k_mark)) != std::string::npos;)
    text.replace(at, k_mark.size(), folder_);
  write_file(folder_ + "/kong.yml", text);
}

void GatewayProcess::signal(int number) const { ::kill(pid_, number); }

std::string GatewayProcess::log() const { return read_file(folder_ + "/log"); }

std::size_t GatewayProcess::count_log(const std::string& text) const {
  const std::string all = log();
  std::size_t n = 0;
  for (std::size_t at = all.find(text); at != std::string::npos; at = all.find(text, at + 1)) ++n;
  return n;
}

void GatewayProcess::wait_for_log(const std::string& text, const Deadline& deadline) const {
  const auto ended = [&] {
    siginfo_t info{};
    return ::waitid(P_PID, id_t(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == pid_;
  };
  const auto there = [&] { return log().find(text) != std::string::npos || ended(); };
  if (!wait_until(there, deadline) || log().find(text) == std::string::npos)
    throw Timeout("no log line with \"" + text + "\" in:\n" + log());
}

void GatewayProcess::wait_for_logs(std::size_t n, const std::string& text,
                                   const Deadline& deadline) const {
  if (!wait_until([&] { return count_log(text) >= n; }, deadline))
    throw Timeout("not " + std::to_string(n) + " log lines with \"" + text + "\" in:\n" + log());
}

std::uint16_t GatewayProcess::port_of(const std::string& kind) const {
  std::istringstream lines(log());
  for (std::string line; std::getline(lines, line);) {
    const auto address = line.find("address=127.0.0.1:");
    if (address != std::string::npos && line.ends_with("kind=" + kind))
      return std::uint16_t(std::atoi(line.c_str() + address + 18));
  }
  return 0;
}

std::vector<pid_t> GatewayProcess::workers() const {
  std::istringstream in(
      read_file("/proc/" + std::to_string(pid_) + "/task/" + std::to_string(pid_) + "/children"));
  return {std::istream_iterator<pid_t>(in), {}};
}

int GatewayProcess::stop() {
  if (pid_ < 0) return 0;
  signal(SIGTERM);
  return wait();
}

int GatewayProcess::wait() {
  if (pid_ < 0) return -1;
  int status = 0;
  const bool ended = wait_until([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; },
                                Deadline(Milliseconds(20000)));
  if (!ended) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status, 0);
  }
  pid_ = -1;
  return ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Finished run_gateway(const std::string& arguments, const std::string& folder) {
  return run_shell("cd '" + folder + "' && NO_COLOR=1 " + gateway_binary() + " " + arguments);
}

Finished run_shell(const std::string& command) {
  Finished out{-1, {}};
  std::FILE* pipe = ::popen(("exec 2>&1; " + command).c_str(), "r");
  std::array<char, 4096> buffer;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe))
    out.out.append(buffer.data(), n);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) out.status = WEXITSTATUS(status);
  return out;
}

}  // namespace support
