// SPDX-License-Identifier: Apache-2.0
#include "base/file.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/text.hpp"

namespace gw {

namespace {

// Far above any of ours; a device or the wrong file is refused before memory is gone.
constexpr std::size_t k_largest_file = std::size_t(256) << 20;

}  // namespace

Result<std::string> read_stream(std::istream& in, const std::string& name) {
  std::string text;
  char piece[65536];
  do {
    in.read(piece, sizeof piece);
    text.append(piece, std::size_t(in.gcount()));
    if (text.size() > k_largest_file)
      return Error{cat(name, " is larger than ", k_largest_file >> 20, " MiB")};
  } while (in);
  if (in.bad()) return Error{cat("cannot read ", name, ": ", std::strerror(errno))};
  return text;
}

Result<std::string> read_file(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode))
    return Error{cat(path, " is a folder, expected a file")};
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{cat("cannot read ", path, ": ", std::strerror(errno))};
  return read_stream(in, path);
}

}  // namespace gw
