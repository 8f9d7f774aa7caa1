// SPDX-License-Identifier: Apache-2.0
#include "config/snapshot.hpp"

#include <unistd.h>

#include <iostream>

#include "base/file.hpp"
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
    auto text = read_stream(std::cin, source.file);
    if (!text.ok()) return text.error();
    source.text = std::move(text).value();
  } else if (!path.empty()) {
    auto text = read_file(path);
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
