// SPDX-License-Identifier: Apache-2.0
// How a gateway ends, with and without a supervisor, and what it tells those who run it.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

std::string route_to(const Origin& origin, const std::string& more = "",
                     const std::string& path = "/") {
  return "services:\n- name: s\n  url: " + origin.url() + "\n  routes:\n  - name: r\n    paths: [" +
         path + "]\n" + more;
}

// Of an origin: sends half of its answer, and the rest when it is told to.
struct Held {
  Event asked, go_on;
  Origin origin{[this](Call& call) {
    call.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
    asked.set();
    go_on.wait();
    call.send("def");
  }};
  ~Held() { go_on.set(); }
};

bool is_refused(std::uint16_t port) {
  try {
    const RawClient client(port);
  } catch (const std::exception&) {
    return true;
  }
  return false;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// What systemd would hear.
class NotifySocket {
 public:
  NotifySocket() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~NotifySocket() { ::close(fd_); }
  std::string path() const { return folder_.path + "/notify"; }
  std::string next() const {
    char text[256];
    wait_for_fd(fd_, POLLIN, Deadline(), "a notification");
    const ssize_t n = ::recv(fd_, text, sizeof text, 0);
    return {text, n > 0 ? std::size_t(n) : 0};
  }

 private:
  Folder folder_;
  int fd_;
};

const std::vector<std::string> k_ways{"  workers: 2\n", "  supervisor: off\n"};

}  // namespace

TEST_CASE("a running answer ends whole, health checks tell of the end, and the exit status is 0") {
  const std::string way = GENERATE(from_range(k_ways));
  Held held;
  GatewayProcess gateway(route_to(held.origin), way);
  CHECK(get(gateway.status_port(), "/readyz").body == "ok\n");
  RawClient client(gateway.port());
  client.send(request_text("GET", "/"));
  REQUIRE(held.asked.wait());
  gateway.signal(GENERATE(SIGTERM, SIGQUIT));
  gateway.wait_for_log("draining");
  CHECK(wait_until([&] { return get(gateway.status_port(), "/readyz").status == 503; }));
  CHECK(get(gateway.status_port(), "/readyz").body == "draining\n");
  CHECK(get(gateway.status_port(), "/livez").status == 200);
  for (const auto port : {gateway.port(), gateway.admin_port()})
    CHECK(wait_until([&] { return is_refused(port); }));
  held.go_on.set();
  CHECK(client.read_response().body == "abcdef");
  CHECK(gateway.wait() == 0);
}

TEST_CASE("a worker that ends answers the health checks that it has accepted") {
  Held held;
  GatewayProcess gateway(route_to(held.origin), "  workers: 4\n");
  RawClient client(gateway.port());
  client.send(request_text("GET", "/"));
  REQUIRE(held.asked.wait());
  std::vector<std::unique_ptr<RawClient>> checks;
  for (int i = 0; i < 64; ++i) checks.push_back(std::make_unique<RawClient>(gateway.status_port()));
  gateway.signal(SIGTERM);
  gateway.wait_for_log("draining");
  REQUIRE(wait_until([&] { return is_refused(gateway.port()); }));
  for (auto& check : checks) CHECK(check->get("/readyz").status == 503);
  held.go_on.set();
  CHECK(client.read_response().body == "abcdef");
  CHECK(gateway.wait() == 0);
}

TEST_CASE("what has not ended in time is broken off, and so is everything at a second signal") {
  const std::string way = GENERATE(from_range(k_ways));
  const bool twice = GENERATE(false, true);
  Held held;
  GatewayProcess gateway(route_to(held.origin), way + (twice ? "  shutdown_timeout: 1h\n"
                                                             : "  shutdown_timeout: 100ms\n"));
  RawClient client(gateway.port());
  client.send(request_text("GET", "/"));
  REQUIRE(held.asked.wait());
  gateway.signal(SIGTERM);
  gateway.wait_for_log("draining");
  if (twice) gateway.signal(SIGTERM);
  CHECK_THROWS(client.read_response());
  CHECK(gateway.wait() == 0);
}

TEST_CASE("exit statuses are those of the README") {
  Folder folder;
  Origin origin;
  const std::string head =
      "_format_version: \"3.0\"\ngateway: {admin_listen: off, status_listen: off, "
      "workers: 1, proxy_listen: \"" +
      origin.address() + "\"}\n";
  write_file(folder.path + "/taken.yml", head);
  write_file(folder.path + "/wrong.yml", head + "routs: []\n");
  write_file(folder.path + "/wrong_plugin.yml",
             head + "plugins: [{name: key-auth, config: {a: 1}}]\n");
  const std::string free = " --set proxy_listen=127.0.0.1:0";
  for (const std::string way : {"", " --set supervisor=off"}) {
    CHECK(run_gateway("run taken.yml" + way, folder.path).status == 4);
    CHECK(run_gateway("run wrong.yml" + way, folder.path).status == 3);
    CHECK(run_gateway("run wrong_plugin.yml" + free + way, folder.path).status == 3);
    CHECK(run_gateway("run nothing.yml" + way, folder.path).status == 5);
    CHECK(run_gateway("run --nonsense" + way, folder.path).status == 2);
    const auto no_log =
        run_gateway("run taken.yml --set error_log=/nowhere/log" + free + way, folder.path);
    CHECK(no_log.status == 1);
    CHECK(no_log.out.find("cannot open the log file /nowhere/log") != std::string::npos);
  }
}

TEST_CASE("systemd is told of the start, of reloads and of the end") {
  const std::string way = GENERATE(from_range(k_ways));
  Origin origin;
  NotifySocket systemd;
  Launch launch;
  launch.environment = {{"NOTIFY_SOCKET", systemd.path()}};
  GatewayProcess gateway(route_to(origin), way, launch);
  CHECK(systemd.next() == "READY=1");
  gateway.signal(SIGHUP);
  CHECK(systemd.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  CHECK(systemd.next() == "READY=1");
  CHECK(gateway.stop() == 0);
  CHECK(systemd.next() == "STOPPING=1");
}

TEST_CASE("orphans that it inherits are reaped, as by the first process of a container") {
  Origin origin;
  int pipe[2];
  REQUIRE(::pipe2(pipe, O_CLOEXEC) == 0);
  Launch launch;
  launch.before_exec = [&] {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (::fork() == 0) {
      if (::fork() == 0) {  // ends when the test closes its end
        ::close(pipe[1]);
        char byte;
        [[maybe_unused]] const auto n = ::read(pipe[0], &byte, 1);
      }
      ::_exit(0);
    }
  };
  GatewayProcess gateway(route_to(origin), "  workers: 1\n", launch);
  ::close(pipe[0]);
  CHECK(gateway.workers().size() >= 2);  // its children: the orphan is one of them
  ::close(pipe[1]);
  CHECK(wait_until([&] { return gateway.workers().size() == 1; }));
  CHECK(get(gateway.port(), "/").status == 200);
  CHECK(gateway.stop() == 0);
}

TEST_CASE("SIGUSR1 opens the log files again") {
  const std::string way = GENERATE(from_range(k_ways));
  Origin origin;
  GatewayProcess gateway(route_to(origin),
                         way + "  error_log: \"@FOLDER@/log\"\n  log_level: info\n");
  const std::string log = gateway.folder() + "/log";
  std::filesystem::rename(log, log + ".1");
  gateway.signal(SIGUSR1);
  REQUIRE(wait_until([&] { return std::filesystem::exists(log); }));
  // A worker's line: it refuses a request.
  CHECK(wait_until([&] {
    RawClient(gateway.port()).ask("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    return read_file(log).find("request refused") != std::string::npos;
  }));
  CHECK(read_file(log + ".1").find(" ready ") != std::string::npos);
}

TEST_CASE("spans of the last requests reach the collector before the end") {
  const std::string way = GENERATE(from_range(k_ways));
  Origin origin, collector;
  GatewayProcess gateway(
      route_to(origin, "plugins:\n- name: opentelemetry\n  config: {traces_endpoint: \"" +
                           collector.url() + "/v1/traces\"}\n"),
      way);
  for (int i = 0; i < 3; ++i) CHECK(get(gateway.port(), "/").status == 200);
  CHECK(gateway.stop() == 0);
  std::size_t bytes = 0;
  for (const auto& request : collector.requests()) {
    CHECK(request.target == "/v1/traces");
    bytes += request.body.size();
  }
  CHECK(bytes > 600);
}

TEST_CASE("a collector that does not answer holds the end up for the shutdown's time at most") {
  Event go_on;
  Origin origin, collector([&](Call&) { go_on.wait(Deadline(Milliseconds(20000))); });
  GatewayProcess gateway(
      route_to(origin, "plugins:\n- name: opentelemetry\n  config: {traces_endpoint: \"" +
                           collector.url() + "/v1/traces\"}\n"),
      "  workers: 1\n  shutdown_timeout: 300ms\n");
  CHECK(get(gateway.port(), "/").status == 200);
  const auto before = Clock::now();
  CHECK(gateway.stop() == 0);
  CHECK(Clock::now() - before < Milliseconds(5000));
  CHECK(gateway.log().find("plugins' last HTTP calls have not ended in time") != std::string::npos);
  CHECK(gateway.count_log("is killed") == 0);
  go_on.set();
}

TEST_CASE("one process reloads like many: flags stay, a bad or missing file changes nothing") {
  Origin origin;
  Launch launch;
  launch.arguments = {"--set", "headers=off"};
  launch.environment = {{"GATEWRIGHT_KEEPALIVE_REQUESTS", "1"}};
  GatewayProcess gateway(route_to(origin), "  supervisor: off\n", launch);
  const auto check_settings = [&] {
    const auto answer = get(gateway.port(), "/x");
    CHECK(answer.status == 200);
    CHECK_FALSE(answer.has("X-Kong-Request-Id"));
    CHECK(answer.value("Connection") == "close");
  };
  check_settings();
  gateway.rewrite(route_to(origin, "", "/x"));
  gateway.signal(SIGHUP);
  gateway.wait_for_log("configuration reloaded generation=2");
  check_settings();
  CHECK(get(gateway.port(), "/").status == 404);
  gateway.rewrite(route_to(origin, "plugins:\n- name: key-auth\n  config: {key_nams: [x]}\n"));
  gateway.signal(SIGHUP);
  gateway.wait_for_log("configuration refused, the old one stays");
  gateway.wait_for_log("did you mean \"key_names\"?");
  std::filesystem::remove(gateway.folder() + "/kong.yml");
  gateway.signal(SIGHUP);
  gateway.wait_for_log("cannot read");
  gateway.signal(SIGUSR2);
  gateway.wait_for_log("without a supervisor there are no fresh workers");
  check_settings();
  CHECK(gateway.stop() == 0);
}

TEST_CASE("what came by standard input or by the command line is served anew at a reload") {
  const std::string way = GENERATE(as<std::string>{}, "supervisor=on", "supervisor=off");
  const bool piped = GENERATE(true, false);
  Origin origin;
  Folder folder;
  const std::string file = folder.path + "/kong.yml";
  write_file(file, "_format_version: \"3.0\"\n" + route_to(origin));
  Launch launch;
  launch.command = {"proxy", "--to", origin.url()};
  if (piped) launch.command = {"run", "-"};
  for (const auto& setting : {"proxy_listen=127.0.0.1:0", "admin_listen=off", "status_listen=off",
                              "workers=1", way.c_str()})
    launch.arguments.insert(launch.arguments.end(), {"--set", setting});
  launch.before_exec = [&] { ::dup2(::open(file.c_str(), O_RDONLY), STDIN_FILENO); };
  GatewayProcess gateway("", "", launch);
  CHECK(get(gateway.port(), "/").status == 200);
  gateway.signal(SIGHUP);
  gateway.wait_for_log("configuration reloaded generation=2");
  CHECK(get(gateway.port(), "/").status == 200);
  CHECK(gateway.stop() == 0);
}
