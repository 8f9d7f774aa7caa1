// SPDX-License-Identifier: Apache-2.0
#include "base/file.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "catch.hpp"

using namespace gw;

namespace {

struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("gatewright-file-" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directory(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("a file is read as it is, to its last byte") {
  Folder folder;
  std::string text(200000, 'x');
  text[70000] = '\0';
  text.back() = '\n';
  const auto file = folder.path / "file";
  std::ofstream(file, std::ios::binary) << text;
  CHECK(read_file(file).value() == text);
  std::ofstream(file, std::ios::trunc).close();
  CHECK(read_file(file).value().empty());
}

TEST_CASE("what cannot be read is told with its reason") {
  Folder folder;
  const std::string none = folder.path / "none";
  CHECK(read_file(none).error().text == "cannot read " + none + ": No such file or directory");
  CHECK(read_file(folder.path).error().text ==
        folder.path.string() + " is a folder, expected a file");
  CHECK(read_file("/dev/zero").error().text == "/dev/zero is larger than 256 MiB");
}
