// SPDX-License-Identifier: Apache-2.0
// Bad files and what is said of them, to the letter. Each case of faults/*.txt is a title, a text
// and, behind =>, what `check` shows. In entities.txt a first line with the format version is
// added to each text.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "config/snapshot.hpp"

using namespace gw::config;

namespace {

struct Case {
  std::string title, text, expected;
};

std::vector<Case> read_cases(const std::string& name) {
  std::ifstream in(std::string(GATEWRIGHT_TEST_FOLDER) + "/faults/" + name);
  REQUIRE(in.is_open());
  std::vector<Case> cases;
  bool behind = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("# ")) {
      cases.push_back({line.substr(2), "", ""});
      behind = false;
    } else if (line == "=>") {
      behind = true;
    } else {
      (behind ? cases.back().expected : cases.back().text) += line + "\n";
    }
  }
  return cases;
}

std::string said_of(const std::string& text) {
  Source source;
  source.file = "kong.yml";
  source.text = text;
  const auto loaded = load(source);
  CHECK((loaded.snapshot == nullptr) == has_errors(loaded.diagnostics));
  return render(loaded.diagnostics, source.file, source.text, false);
}

void check_cases(const std::string& name, const std::string& before) {
  for (const auto& one : read_cases(name)) {
    INFO(one.title);
    CHECK(said_of(before + one.text) == one.expected);
  }
}

}  // namespace

TEST_CASE("what is said of bad entities") {
  check_cases("entities.txt", "_format_version: \"3.0\"\n");
}

TEST_CASE("what is said of bad documents and settings") { check_cases("documents.txt", ""); }
