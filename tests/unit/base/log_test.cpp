// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "catch.hpp"

namespace gl = gw::log;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a log file that was moved away is opened again on request") {
  std::string name = std::filesystem::temp_directory_path() / "gatewright-log-XXXXXX";
  const std::string folder = ::mkdtemp(name.data());
  const std::string path = folder + "/error.log";
  REQUIRE(gl::open(path).ok());
  CHECK(gl::descriptor() > 2);
  gl::error("one");
  std::filesystem::rename(path, path + ".1");
  gl::error("two");
  REQUIRE(gl::reopen().ok());
  gl::error("three");
  CHECK(text_of(path + ".1").find("two") != std::string::npos);
  CHECK(text_of(path).find("three") != std::string::npos);
  CHECK(text_of(path).find("two") == std::string::npos);

  std::filesystem::remove_all(folder);
  CHECK_FALSE(gl::reopen().ok());  // lines go on to where they went
  REQUIRE(gl::open("").ok());
  CHECK(gl::descriptor() == 2);
}
