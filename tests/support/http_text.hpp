// SPDX-License-Identifier: Apache-2.0
// HTTP/1 as tests see it: a message taken apart by a strict reader that shares no code with the
// gateway's. Anything that is not exactly HTTP/1.0 or 1.1 throws Malformed.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace support {

class Malformed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Field {
  std::string name;
  std::string value;
};

enum class BodyEnd { none, length, chunked, close };

struct Message {
  std::string raw_head;  // as it came, with the empty line
  // Requests.
  std::string method;
  std::string target;
  // Responses.
  int status = 0;
  std::string reason;

  std::string version;  // "HTTP/1.1"
  std::vector<Field> fields;
  std::string body;
  BodyEnd end = BodyEnd::none;
  std::vector<std::size_t> chunks;  // sizes, when chunked
  std::vector<Field> trailers;

  // First value of the field, or nothing. Names compare without case.
  std::optional<std::string> field(std::string_view name) const;
  // The value, or "" when there is none.
  std::string value(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  bool has(std::string_view name) const { return count(name) > 0; }
  std::string trailer(std::string_view name) const;
};

bool same_name(std::string_view a, std::string_view b);

// `head` ends with the empty line. Start line and fields.
Message parse_request_head(std::string_view head);
Message parse_response_head(std::string_view head);
// "name: value" lines, each ended by CR LF.
std::vector<Field> parse_fields(std::string_view lines);

}  // namespace support
