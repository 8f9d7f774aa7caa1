// SPDX-License-Identifier: Apache-2.0
// Cases of a plugin's test as a YAML file says them (PLUGINS.md has the form): requests, what the
// world around answers, and what is expected.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/value.hpp"

namespace gw::tools {

using FieldList = std::vector<std::pair<std::string, std::string>>;

// What a text is to be: this one, absent, or matched by a regular expression as a whole.
struct Expected {
  enum class Kind : std::uint8_t { equal, absent, matches } kind = Kind::equal;
  std::string text;
};

struct CaseHttp {
  std::string url, method;       // empty: any
  std::optional<Expected> sent;  // the body that the plugin sends; empty: any
  int status = 200;
  FieldList headers;
  std::string body;
  std::string error;  // "timeout", "connect": instead of an answer; empty: none
};

struct CaseExpect {
  std::optional<std::int64_t> status;
  std::optional<bool> upstream;  // whether the request went there
  std::optional<Expected> code, path, query, request_body, response_body;
  std::vector<std::pair<std::string, Expected>> request_headers, response_headers;
};

// A request, or time that passes.
struct CaseStep {
  config::Location where;
  bool is_request = false;
  std::uint64_t advance_ms = 0;  // for a request: while it is paused
  std::string method = "GET", target = "/", body, client_ip;
  FieldList headers;
  std::int64_t answer_status = 200;
  FieldList answer_headers;
  std::string answer_body;
  CaseExpect expect;
};

struct CaseCredential {
  std::string collection, id, consumer, json;
};
struct CaseConsumer {
  std::string id, username, custom_id;
};

struct Case {
  config::Location where;
  std::string name;
  std::string plugin;                  // of a file with several; empty: its first
  config::Value options;               // an object
  std::optional<std::string> refused;  // the options are to be, with this in the message
  std::vector<CaseConsumer> consumers;
  std::vector<CaseCredential> credentials;
  std::vector<CaseHttp> http;
  std::vector<CaseStep> steps;
  std::vector<std::string> logs;  // texts that must be in lines of the log
};

// Errors go to `out`, with their places.
std::vector<Case> read_cases(std::string_view file, std::string_view text,
                             std::vector<config::Diagnostic>& out);

}  // namespace gw::tools
