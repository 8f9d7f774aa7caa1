// SPDX-License-Identifier: Apache-2.0
// The ELF note of plugin files: any file gives a note or an error.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "fuzz.hpp"
#include "plugin/library.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = ::memfd_create("plugin", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != ssize_t(size)) return 0;
  const auto note = gw::plugin::read_note(path);
  if (!note.ok()) {
    fuzz::require(!note.error().text.empty(), "the error says why");
    return 0;
  }
  for (const auto& name : note.value().names)
    fuzz::require(!name.empty() && name.find('\0') == name.npos, "names are words");
  (void)gw::plugin::check_note(note.value());
  return 0;
}
