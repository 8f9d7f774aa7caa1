// SPDX-License-Identifier: Apache-2.0
#include "tools/new_plugin.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "tools/templates.hpp"

namespace gw::tools {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_longest_name = 60;

bool is_name(std::string_view name) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && name.size() <= k_longest_name && lower(name[0]) && name.back() != '-' &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '-'; });
}

std::string filled(std::string_view text, const std::string& name) {
  std::string type = name;
  std::replace(type.begin(), type.end(), '-', '_');
  std::string out(text);
  for (const auto& [mark, value] :
       {std::pair<std::string, std::string>{"@NAME@", name}, {"@TYPE@", type}})
    for (std::size_t at = 0; (at = out.find(mark, at)) != std::string::npos; at += value.size())
      out.replace(at, mark.size(), value);
  return out;
}

}  // namespace

Result<std::vector<std::string>> make_plugin(const NewPlugin& wanted) {
  if (!is_name(wanted.name))
    return Error{cat("\"", wanted.name,
                     "\" is no plugin's name, expected lower-case letters, digits and hyphens, "
                     "such as require-auth")};
  const auto templates = templates_of(wanted.lang);
  if (templates.empty())
    return Error{cat("there is no template for \"", wanted.lang, "\", expected c, cpp or rust")};
  std::error_code error;
  const fs::path folder(wanted.folder);
  const bool was_there = fs::exists(folder, error);
  if (was_there && !(fs::is_directory(folder, error) && fs::is_empty(folder, error)))
    return Error{cat(wanted.folder,
                     ": is there already and not an empty folder; name another one "
                     "with --dir")};
  fs::create_directories(folder, error);
  std::vector<std::string> out;
  for (const Template& one : templates) {
    const std::string path = folder / filled(one.path, wanted.name);
    std::ofstream file(path, std::ios::binary);
    file << filled(one.text, wanted.name);
    file.flush();
    out.push_back(path);
    if (file) continue;
    for (const auto& written : out) fs::remove(written, error);
    if (!was_there) fs::remove(folder, error);
    return Error{cat(path, ": cannot be written")};
  }
  return out;
}

}  // namespace gw::tools
