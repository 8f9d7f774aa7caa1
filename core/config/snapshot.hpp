// SPDX-License-Identifier: Apache-2.0
// Snapshot: one configuration, read and checked as a whole, immutable. A request keeps the one that
// it began with. Loading touches no plugin: plugin options are checked by plugin/registry.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/entities.hpp"
#include "config/settings.hpp"

namespace gw::config {

struct Snapshot {
  Settings settings;
  Entities entities;
  std::string file;  // name for messages
  std::string text;  // as read; for the source lines of later diagnostics
  std::string hash;  // 32 hex characters of the content; 32 zeros when empty
};

// What a configuration is made of. Precedence: flags > environment > file > default.
struct Source {
  std::string file;                                              // name for messages
  std::string text;                                              // YAML or JSON; empty: no file
  std::vector<std::pair<std::string, std::string>> flags;        // setting name -> text
  std::vector<std::pair<std::string, std::string>> environment;  // "GATEWRIGHT_X"/"KONG_X" -> text
};

struct Loaded {
  std::shared_ptr<const Snapshot> snapshot;  // null when there are errors
  // What could be read although there are errors, for more of them to be found in; never to be
  // served. Null when nothing could.
  std::shared_ptr<const Snapshot> draft;
  std::vector<Diagnostic> diagnostics;  // errors and warnings, sorted by place
};

// Reads, checks and compiles. Never throws. Any thread.
Loaded load(Source source);

// ./kong.yml, ./kong.yaml, ./kong.json in that order; nothing when there is none.
std::optional<std::string> find_default_file();
// Reads a file into a Source, with the process' environment. `-` reads standard input.
Result<Source> read_source(const std::string& path);

}  // namespace gw::config
