// SPDX-License-Identifier: Apache-2.0
// Files that are no plugins any more: damaged at random, cut off anywhere. Whoever reads them
// without running them answers with an error or with what is left, and touches nothing beside them.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "catch.hpp"
#include "plugin/library.hpp"
#include "tools/elf_symbols.hpp"
#include "tools/lint.hpp"

namespace {

std::string read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

struct Damaged {
  Damaged() : path(std::filesystem::temp_directory_path() / "gatewright-damaged-XXXXXX") {
    const int fd = ::mkstemp(path.data());
    REQUIRE(fd >= 0);
    ::close(fd);
  }
  ~Damaged() { std::filesystem::remove(path); }
  void write(const std::string& bytes) const {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  std::string path;
};

// All that looks into a file without loading it. How many found something to complain about.
int look_into(const std::string& path) {
  int faults = 0;
  faults += !gw::plugin::read_note(path).ok();
  faults += !gw::tools::read_symbols(path).ok();
  faults += !gw::tools::lint({path, "", ""}).empty();
  return faults;
}

}  // namespace

TEST_CASE("damaged and cut-off files are judged, whatever they say of themselves") {
  const std::string whole = read_whole(GATEWRIGHT_TEST_FOLDER "/../../abi/frozen/1.0/hello-cpp.so");
  REQUIRE(whole.size() > 8000);
  const Damaged file;
  file.write(whole);
  CHECK(look_into(file.path) == 0);
  std::mt19937 random(17);
  const auto below = [&](std::size_t n) { return std::size_t(random()) % n; };
  int complained = 0;
  constexpr int rounds = 400;
  for (int round = 0; round < rounds; ++round) {
    std::string bytes = whole;
    // Headers and tables of sections stand at both ends.
    for (std::size_t i = 0; i <= below(12); ++i) {
      const std::size_t near = below(1024);
      const std::size_t at = below(2) == 0 ? near : bytes.size() - 1 - near;
      const char extremes[] = {0, 1, 0x7F, char(0x80), char(0xFF)};
      bytes[at] = below(2) == 0 ? extremes[below(5)] : char(random());
    }
    if (below(4) == 0) bytes.resize(below(bytes.size()));
    file.write(bytes);
    complained += look_into(file.path) > 0;
  }
  CHECK(complained > rounds / 4);
}
