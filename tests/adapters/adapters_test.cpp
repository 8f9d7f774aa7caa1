// SPDX-License-Identifier: Apache-2.0
// The adapters with the real libraries, a real Redis and a real name server, driven by the host in
// memory.
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <gatewright/testkit.hpp>

#include "support/catch.hpp"

using namespace std::chrono_literals;

namespace {

struct Process {
  explicit Process(std::vector<std::string> command) : pid(::fork()) {
    if (pid != 0) return;
    std::vector<char*> words;
    for (auto& word : command) words.push_back(word.data());
    words.push_back(nullptr);
    ::execvp(words[0], words.data());
    ::_exit(127);
  }
  ~Process() {
    ::kill(pid, SIGTERM);
    ::waitpid(pid, nullptr, 0);
  }
  pid_t pid;
};

// Runs the loop until the plugin's log has the line.
bool says(gw::test::host& host, const std::string& line) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < end) {
    for (const auto& one : host.logs())
      if (one.text == line) return true;
    if (!host.wait_fds(20ms)) host.advance(20ms);
  }
  return false;
}

// A loopback address of this process' own, where every port is free.
std::string own_address() {
  const int pid = ::getpid();
  return "127.77." + std::to_string(pid >> 8 & 255) + "." + std::to_string(pid & 255);
}

}  // namespace

TEST_CASE("hiredis: commands are answered, and the connection ends") {
  char folder[] = "/tmp/gwtest-redis-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  const std::string socket = std::string(folder) + "/socket";
  {
    Process redis({"redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir",
                   folder, "--logfile", std::string(folder) + "/log"});
    const auto end = std::chrono::steady_clock::now() + 10s;
    bool told = false;
    while (!told && std::chrono::steady_clock::now() < end) {
      gw::test::host host;
      if (::access(socket.c_str(), F_OK) != 0) {
        host.wait_fds(10ms);
        continue;
      }
      host.load(GW_ADAPTERS, "{\"redis\": \"" + socket + "\"}");
      told = says(host, "redis: OK") && says(host, "redis: v");
    }
    CHECK(told);
    gw::test::host nobody;  // an instance that ends with a connection open
    nobody.load(GW_ADAPTERS, "{\"redis\": \"" + socket + "\"}");
  }
  for (const char* file : {"/socket", "/log"}) ::unlink((folder + std::string(file)).c_str());
  ::rmdir(folder);
  gw::test::host host;  // nobody listens there any more
  host.load(GW_ADAPTERS, "{\"redis\": \"" + socket + "\"}");
  CHECK(says(host, "redis: refused"));
}

TEST_CASE("c-ares: a name is resolved") {
  const std::string config = "{\"dns\": \"" + own_address() + ":5300\"}";
  Process dns({"dnsmasq", "--no-daemon", "--port=5300", "--no-resolv", "--no-hosts",
               "--conf-file=/dev/null", "--listen-address=" + own_address(), "--bind-interfaces",
               "--address=/here.test/192.0.2.7", "--log-facility=/dev/null",
               "--user=" + std::string(::getuid() == 0 ? "root" : "")});
  bool told = false;
  std::string said;
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!told && std::chrono::steady_clock::now() < end) {
    gw::test::host host;
    host.load(GW_ADAPTERS, config);
    for (int i = 0; i < 20 && host.logs().empty(); ++i)
      if (!host.wait_fds(50ms)) host.advance(50ms);
    said = host.logs().empty() ? "nothing" : host.logs()[0].text;
    told = said == "dns: Successful completion 192.0.2.7";
  }
  INFO(said);
  CHECK(told);
}

TEST_CASE("c-ares: a server that is silent times out") {
  const int silent = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(5301);
  REQUIRE(::inet_pton(AF_INET, own_address().c_str(), &at.sin_addr) == 1);
  REQUIRE(::bind(silent, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  gw::test::host host;
  host.load(GW_ADAPTERS, "{\"dns\": \"" + own_address() + ":5301\"}");
  CHECK(says(host, "dns: Timeout while contacting DNS servers "));
  gw::test::host gone;  // ends while it asks
  gone.load(GW_ADAPTERS, "{\"dns\": \"" + own_address() + ":5301\"}").stop();
  CHECK(gone.logs().at(0).text == "dns: Channel is being destroyed ");
  ::close(silent);
}

TEST_CASE("librdkafka: its threads ring, and its events are fetched on the worker") {
  gw::test::host host;
  host.load(GW_ADAPTERS, "{\"kafka\": true}");
  CHECK(says(host, "kafka: event"));
}
