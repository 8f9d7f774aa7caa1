// SPDX-License-Identifier: Apache-2.0
#include "support/http_text.hpp"

#include <algorithm>
#include <cctype>

namespace support {
namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view k_marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return std::isalnum(c) || k_marks.find(char(c)) != std::string_view::npos;
  });
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos || end == 0 || text[end - 1] != '\r') {
    throw Malformed("a line does not end with CR LF: " + std::string(text.substr(0, 80)));
  }
  const auto line = text.substr(0, end - 1);
  if (line.find('\r') != std::string_view::npos) throw Malformed("CR within a line");
  text.remove_prefix(end + 1);
  return line;
}

void check_version(std::string_view version) {
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    throw Malformed("not an HTTP/1 version: " + std::string(version));
  }
}

std::string find_in(const std::vector<Field>& fields, std::string_view name) {
  for (const auto& field : fields) {
    if (same_name(field.name, name)) return field.value;
  }
  return "";
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::optional<std::string> Message::field(std::string_view name) const {
  if (!has(name)) return std::nullopt;
  return find_in(fields, name);
}

std::string Message::value(std::string_view name) const { return find_in(fields, name); }

std::string Message::trailer(std::string_view name) const { return find_in(trailers, name); }

std::size_t Message::count(std::string_view name) const {
  return std::size_t(std::count_if(fields.begin(), fields.end(),
                                   [&](const Field& f) { return same_name(f.name, name); }));
}

std::vector<Field> parse_fields(std::string_view lines) {
  std::vector<Field> fields;
  while (!lines.empty()) {
    const auto line = take_line(lines);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      throw Malformed("not a field: " + std::string(line));
    }
    auto value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) {
      value.remove_prefix(1);
    }
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    fields.push_back({std::string(line.substr(0, colon)), std::string(value)});
  }
  return fields;
}

Message parse_request_head(std::string_view head) {
  Message message;
  message.raw_head = head;
  auto rest = head;
  const auto line = take_line(rest);
  const auto first = line.find(' ');
  const auto second = line.find(' ', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) {
    throw Malformed("not a request line: " + std::string(line));
  }
  message.method = line.substr(0, first);
  message.target = line.substr(first + 1, second - first - 1);
  message.version = line.substr(second + 1);
  if (!is_token(message.method)) throw Malformed("not a method: " + message.method);
  check_version(message.version);
  message.fields = parse_fields(rest.substr(0, rest.size() - 2));
  return message;
}

Message parse_response_head(std::string_view head) {
  Message message;
  message.raw_head = head;
  auto rest = head;
  const auto line = take_line(rest);
  if (line.size() < 13 || line[8] != ' ' || line[12] != ' ') {
    throw Malformed("not a status line: " + std::string(line));
  }
  message.version = line.substr(0, 8);
  check_version(message.version);
  for (const char c : line.substr(9, 3)) {
    if (!std::isdigit(static_cast<unsigned char>(c))) throw Malformed("status is not a number");
    message.status = message.status * 10 + (c - '0');
  }
  if (message.status < 100 || message.status > 599) throw Malformed("no such status");
  message.reason = line.substr(13);
  message.fields = parse_fields(rest.substr(0, rest.size() - 2));
  return message;
}

}  // namespace support
