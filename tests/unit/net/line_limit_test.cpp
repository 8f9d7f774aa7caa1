// SPDX-License-Identifier: Apache-2.0
#include "net/line_limit.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "catch.hpp"

namespace {

using gw::log::Level;

// The error log as it is written meanwhile.
struct Log {
  Log() {
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    REQUIRE(gw::log::open(folder + "/log").ok());
  }
  ~Log() {
    gw::log::open("").ok();
    std::filesystem::remove_all(folder);
  }
  bool has(const std::string& line) const {
    std::ifstream in(folder + "/log");
    const std::string all{std::istreambuf_iterator<char>(in), {}};
    return all.find(line + "\n") != std::string::npos;
  }
  std::string folder = std::filesystem::temp_directory_path() / "gatewright-log-XXXXXX";
};

void run_for(gw::net::Loop& loop, std::uint64_t ms) {
  gw::net::Deadline end([](void* self) { static_cast<gw::net::Loop*>(self)->stop(); }, &loop);
  end.set(loop.deadlines(), ms);
  loop.run();
}

}  // namespace

TEST_CASE("lines above the limit of their kind are told as a number when the second is over") {
  const Log log;
  gw::net::Loop loop;
  gw::net::LineLimit limit(loop);
  limit.set(2);
  const auto allow = [&](const char* text, const char* reason) {
    return limit.allow(Level::warn, text, {"reason", reason});
  };
  CHECK(allow("failed", "a"));
  CHECK(allow("failed", "a"));
  for (int i = 0; i < 3; ++i) CHECK_FALSE(allow("failed", "a"));
  CHECK(allow("failed", "b"));
  CHECK(allow("refused", "a"));
  CHECK_FALSE(log.has("reason=a lines=3"));
  run_for(loop, 1100);
  CHECK(log.has("warn gatewright: failed: more of this kind within a second reason=a lines=3"));
  CHECK_FALSE(log.has("reason=b lines=0"));
  CHECK(allow("failed", "a"));
}

TEST_CASE("what is left to tell is told when the limit changes") {
  const Log log;
  gw::net::Loop loop;
  gw::net::LineLimit limit(loop);
  limit.set(1);
  CHECK(limit.allow(Level::error, "failed", {"plugin", "p q"}));
  CHECK_FALSE(limit.allow(Level::error, "failed", {"plugin", "p q"}));
  CHECK_FALSE(limit.allow(Level::info, "failed", {"plugin", "other"}));  // not its level
  limit.set(0);
  CHECK(log.has("failed: more of this kind within a second plugin=\"p q\" lines=1"));
  for (int i = 0; i < 100; ++i) CHECK(limit.allow(Level::error, "failed", {"plugin", "p q"}));
}
