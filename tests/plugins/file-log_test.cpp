// SPDX-License-Identifier: Apache-2.0
// The plugin's lines on their way into files, FIFOs and devices.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file-log/log_lines.hpp"

using namespace file_log_test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using support::wait_until;

namespace {

constexpr const char* k_small_queue = R"("queue_max_bytes": 65536)";

std::size_t count_lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

GW_TEST_CASE("a line is written when flush_interval is over, and what is left at the stop") {
  Folder folder;
  Gateway gateway(folder / "log");
  CHECK(gateway.host.pending_timers() == 0);
  gateway.request("/1");
  gateway.request("/2");
  CHECK(gateway.host.pending_timers() == 1);
  CHECK(content(folder / "log").empty());
  gateway.flush();
  CHECK(wait_until([&] { return count_lines(content(folder / "log")) == 2; }));
  // It may look once more whether the lines were taken, and then rests.
  CHECK(wait_until([&] { return gateway.flush(), gateway.host.pending_timers() == 0; }));
  gateway.request("/3");
  gateway.plugin.stop();
  const auto lines = lines_of(folder / "log");
  REQUIRE(lines.size() == 3);
  CHECK(lines[0]["request"]["uri"] == "/1");
  CHECK(lines[2]["request"]["uri"] == "/3");
}

GW_TEST_CASE("many lines are written without waiting for the interval") {
  Folder folder;
  Gateway gateway(folder / "log");
  for (int i = 0; i < 800; ++i) gateway.request();
  CHECK(wait_until([&] { return content(folder / "log").size() > 250'000; }));
}

GW_TEST_CASE("lines of several workers and entries do not mix") {
  Folder folder;
  {
    Gateway gateway(folder / "log", {}, 3);
    auto& second = gateway.host.load(k_so, Gateway::config_of(folder / "log", {}));
    for (std::uint32_t i = 0; i < 900; ++i) gateway.request("/" + std::string(i, 'x'), i % 3);
    for (int i = 0; i < 100; ++i) exchange(gateway.host, {&second}).run();
    gateway.plugin.stop();
    second.stop();
  }
  CHECK(lines_of(folder / "log").size() == 1000);
}

GW_TEST_CASE("a configuration whose file can't be opened is refused") {
  Folder folder;
  CHECK_THROWS_WITH(Gateway(folder / "none/log"),
                    Contains("none/log cannot be opened: No such file or directory"));
}

GW_TEST_CASE("the plugin starts on a FIFO without a reader and keeps the lines until one comes") {
  Folder folder;
  const std::string path = folder / "fifo";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  Gateway gateway(path);
  gateway.request("/kept");
  gateway.flush();
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  std::string got;
  CHECK(wait_until([&] {
    char bytes[65536];
    const ssize_t n = ::read(reader, bytes, sizeof bytes);
    if (n > 0) got.append(bytes, static_cast<std::size_t>(n));
    return count_lines(got) == 1;
  }));
  CHECK(json::parse(got)["request"]["uri"] == "/kept");
  ::close(reader);
}

TEST_CASE("a reader that is too slow costs lines, not time") {
  Folder folder;
  const std::string path = folder / "fifo";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  Gateway gateway(path, k_small_queue);
  for (int i = 0; i < 1000; ++i) gateway.request();
  CHECK(gateway.dropped("queue_full") + gateway.dropped("no_reader") > 500);
  ::close(reader);
}

GW_TEST_CASE("what a full disk refused is kept, and written when there is room") {
  Folder folder;
  std::filesystem::create_symlink("/dev/full", folder / "log");
  Gateway gateway(folder / "log");
  gateway.request("/kept");
  gateway.flush();
  CHECK(wait_until([&] {
    gateway.request("/another");
    gateway.flush();
    return !gateway.host.logs().empty();
  }));
  CHECK_THAT(gateway.host.logs().at(0).text, Contains("log lines wait: "));
  CHECK_THAT(gateway.host.logs().at(0).text, Contains("No space left on device"));
  std::filesystem::remove(folder / "log");  // now a file of that name can be made
  CHECK(wait_until([&] { return count_lines(content(folder / "log")) > 1; }));
  CHECK(lines_of(folder / "log")[0]["request"]["uri"] == "/kept");
  CHECK(gateway.dropped("no_space") == 0);
}

GW_TEST_CASE("lines beyond the queue are dropped and counted by their reason") {
  Folder folder;
  std::filesystem::create_symlink("/dev/full", folder / "log");
  Gateway gateway(folder / "log", k_small_queue);
  gateway.request();
  gateway.flush();
  CHECK(wait_until([&] {
    for (int i = 0; i < 100; ++i) gateway.request();
    gateway.flush();
    return gateway.dropped("no_space") > 100;
  }));
  // What waits, the batch that is tried again included, stays below the limit.
  std::filesystem::remove(folder / "log");
  CHECK(wait_until([&] { return count_lines(content(folder / "log")) > 10; }));
  gateway.plugin.stop();
  CHECK(content(folder / "log").size() <= 65536);
  CHECK(gateway.dropped("stopped") == 0);
}

TEST_CASE("at the stop a file that takes nothing is given up after a second, and counted") {
  Gateway gateway("/dev/full");
  for (int i = 0; i < 7; ++i) gateway.request();
  const auto before = std::chrono::steady_clock::now();
  gateway.plugin.stop();
  CHECK(std::chrono::steady_clock::now() - before < 3s);
  CHECK(gateway.dropped("stopped") == 7);
}

TEST_CASE("the end of one entry does not wait while others live") {
  Folder folder;
  Gateway gateway("/dev/full");
  auto& other = gateway.host.load(k_so, Gateway::config_of(folder / "log", {}));
  gateway.request();
  const auto before = std::chrono::steady_clock::now();
  gateway.plugin.stop();
  CHECK(std::chrono::steady_clock::now() - before < 500ms);
  exchange(gateway.host, {&other}).run();
  other.stop();
  CHECK(lines_of(folder / "log").size() == 1);
  CHECK(gateway.dropped("stopped") == 1);
}

GW_TEST_CASE("a log that is rotated goes on in a new file") {
  Folder folder;
  for (const std::string options : {R"("reopen": false)", R"("reopen": true)"}) {
    Gateway gateway(folder / "log", options);
    gateway.request("/before");
    gateway.flush();
    CHECK(wait_until([&] { return count_lines(content(folder / "log")) == 1; }));
    std::filesystem::rename(folder / "log", folder / "log.1");
    gateway.request("/after");
    gateway.plugin.stop();
    CHECK(lines_of(folder / "log.1").at(0)["request"]["uri"] == "/before");
    CHECK(lines_of(folder / "log").at(0)["request"]["uri"] == "/after");
    std::filesystem::remove(folder / "log");
  }
}
