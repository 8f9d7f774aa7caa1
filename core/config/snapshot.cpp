// SPDX-License-Identifier: Apache-2.0
#include "config/snapshot.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "base/text.hpp"
#include "config/deck_defaults.hpp"
#include "config/digest.hpp"
#include "config/entity_reader.hpp"
#include "config/readers.hpp"
#include "config/settings_table.hpp"
#include "config/vault.hpp"

extern char** environ;

namespace gw::config {

namespace {

// Far above any configuration; a device or the wrong file is refused before memory is gone.
constexpr std::size_t k_largest_file = std::size_t(256) << 20;

Result<std::string> read_all(std::istream& in, const std::string& name) {
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

std::string content_hash(std::string_view text) {
  if (text.empty()) return std::string(32, '0');
  const auto digest = md5(text);
  return hex(digest.data(), digest.size());
}

// Their schemas are not known here: whatever they hold may be a secret.
std::set<std::uint32_t> credential_lines(const Entities& entities) {
  std::set<std::uint32_t> lines;
  for (const auto& [name, entries] : entities.credentials) {
    if (name == "acls") continue;  // names of groups
    for (const Credential& entry : entries)
      for (const Member& member : entry.fields.members) lines.insert(member.value.where.line);
  }
  lines.erase(0);
  return lines;
}

}  // namespace

Loaded load(Source source) {
  Loaded loaded;
  auto snapshot = std::make_shared<Snapshot>();
  auto& out = loaded.diagnostics;
  Value root;
  const bool has_text = source.text.find_first_not_of(" \t\r\n") != std::string::npos;
  const bool readable = !has_text || read_document(source.file, source.text, root, out);
  if (readable) {
    resolve_references(root, out);
    apply_deck_defaults(root, out);
    const Value* section = root.is(Kind::object) ? root.find("gateway") : nullptr;
    read_settings(section, source.flags, source.environment, snapshot->settings, out);
    if (has_text) EntityReader(snapshot->entities, out).read(root);
    hide_lines(out, credential_lines(snapshot->entities));
  }
  snapshot->file = std::move(source.file);
  snapshot->hash = content_hash(source.text);
  snapshot->text = std::move(source.text);
  sort(out);
  if (readable) loaded.draft = snapshot;
  if (readable && !has_errors(out)) loaded.snapshot = std::move(snapshot);
  return loaded;
}

std::optional<std::string> find_default_file() {
  for (const char* name : {"kong.yml", "kong.yaml", "kong.json"})
    if (::access(name, F_OK) == 0) return name;
  return std::nullopt;
}

Result<Source> read_source(const std::string& path) {
  Source source;
  source.file = path;
  if (path == "-") {
    source.file = "standard input";
    auto text = read_all(std::cin, source.file);
    if (!text.ok()) return text.error();
    source.text = std::move(text).value();
  } else if (!path.empty()) {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode))
      return Error{cat(path, " is a folder, expected a file")};
    std::ifstream in(path, std::ios::binary);
    if (!in) return Error{cat("cannot read ", path, ": ", std::strerror(errno))};
    auto text = read_all(in, path);
    if (!text.ok()) return text.error();
    source.text = std::move(text).value();
    // A file that was cut to nothing must not replace a configuration by none.
    if (source.text.find_first_not_of(" \t\r\n") == std::string::npos)
      return Error{cat(path, " is empty, expected a configuration")};
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view pair(*entry);
    if (!pair.starts_with("GATEWRIGHT_") && !pair.starts_with("KONG_")) continue;
    const auto equals = pair.find('=');
    source.environment.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return source;
}

}  // namespace gw::config
