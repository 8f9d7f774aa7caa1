// SPDX-License-Identifier: Apache-2.0
// Plugin files: the ELF note that is read without running any of their code, and loading. The only
// place with dlfcn.h. What is loaded stays loaded.
#pragma once

#include <gatewright/plugin.h>

#include <string>
#include <vector>

#include "base/result.hpp"

namespace gw::plugin {

// As the setting `plugins` takes a file: with a slash.
inline std::string library_path(const std::string& file) {
  return file.find('/') == std::string::npos ? "./" + file : file;
}

struct NoteInfo {
  std::uint32_t major = 0, minor_built = 0, minor_required = 0, count = 0;
  std::vector<std::string> names;
  // The revision of the minor that it needs; 0: released. k_unnumbered: it is older than revisions.
  std::uint32_t draft = 0;
  static constexpr std::uint32_t k_unnumbered = ~std::uint32_t{0};
};

// The note, whatever it says. The error tells what is wrong with the file. Reads only.
Result<NoteInfo> read_note(const std::string& path);
// Whether this host can run it; the error says why not and what to do.
Status check_note(const NoteInfo& note);
// Both, for one file.
Result<NoteInfo> check_file(const std::string& path);

// Reads and checks the note, then loads, asks for the module and checks that. It lives as long as
// the process; its descriptors are still to be copied with copy_descriptor().
Result<const gw_module*> load_module(const std::string& path, const gw_host& host);

}  // namespace gw::plugin
