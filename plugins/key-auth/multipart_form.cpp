// SPDX-License-Identifier: Apache-2.0
#include "multipart_form.hpp"

#include <algorithm>
#include <vector>

namespace key_auth {
namespace {

bool same_ignoring_case(std::string_view a, std::string_view b) {
  const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return low(x) == low(y); });
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

// Reads `token` or `"quoted \" text"` off the front.
std::string take_value(std::string_view& rest) {
  std::string out;
  rest = trimmed(rest);
  const bool quoted = !rest.empty() && rest.front() == '"';
  if (quoted) rest.remove_prefix(1);
  while (!rest.empty()) {
    const char c = rest.front();
    if (!quoted && c == ';') break;
    rest.remove_prefix(1);
    if (quoted && c == '"') break;
    if (quoted && c == '\\' && !rest.empty()) {
      out += rest.front();
      rest.remove_prefix(1);
    } else {
      out += c;
    }
  }
  return quoted ? out : std::string(trimmed(out));
}

// A parameter of `value; name=x; name="y"`; empty when there is none.
std::string parameter(std::string_view field, std::string_view name) {
  std::size_t semicolon = field.find(';');
  while (semicolon != field.npos) {
    field.remove_prefix(semicolon + 1);
    const std::size_t stop = field.find_first_of("=;");
    if (stop == field.npos) return {};
    const std::string_view key = trimmed(field.substr(0, stop));
    const bool has_value = field[stop] == '=';
    field.remove_prefix(has_value ? stop + 1 : stop);
    const std::string value = has_value ? take_value(field) : std::string();
    if (same_ignoring_case(key, name)) return value;
    semicolon = field.find(';');
  }
  return {};
}

struct Part {
  std::string name;
  std::string_view content;
  std::size_t begin, end;  // from its delimiter line up to the next one
};

std::string name_in(std::string_view head) {
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const std::size_t colon = line.find(':');
    if (colon != line.npos && same_ignoring_case(line.substr(0, colon), "content-disposition"))
      return parameter(line.substr(colon + 1), "name");
  }
  return {};
}

// Where the next line "--boundary" begins, from `from` on; npos when there is none.
std::size_t next_delimiter(std::string_view body, const std::string& dashed, std::size_t from) {
  for (std::size_t at = body.find(dashed, from); at != body.npos; at = body.find(dashed, at + 1))
    if (at == 0 || body[at - 1] == '\n') return at;
  return body.npos;
}

std::vector<Part> parts_of(std::string_view body, std::string_view boundary) {
  std::vector<Part> out;
  if (boundary.empty()) return out;
  const std::string dashed = std::string("--").append(boundary);
  std::size_t begin = next_delimiter(body, dashed, 0);
  while (begin != body.npos) {
    const std::size_t line_end = body.find("\r\n", begin + dashed.size());
    const std::size_t next = next_delimiter(body, dashed, begin + dashed.size());
    if (line_end == body.npos || next == body.npos || next < line_end + 2) break;
    const std::string_view whole = body.substr(line_end + 2, next - line_end - 2);
    const std::size_t blank = whole.find("\r\n\r\n");
    if (blank != whole.npos && whole.size() >= blank + 6)
      out.push_back({name_in(whole.substr(0, blank)),
                     whole.substr(blank + 4, whole.size() - blank - 6), begin, next});
    begin = next;
  }
  return out;
}

}  // namespace

std::string boundary_of(std::string_view content_type) {
  return parameter(content_type, "boundary");
}

Finding find_part(std::string_view body, std::string_view boundary, std::string_view name) {
  Finding found;
  for (const Part& p : parts_of(body, boundary))
    if (p.name == name) found.add(Finding::Kind::text, std::string(p.content));
  return found;
}

std::string without_part(std::string_view body, std::string_view boundary, std::string_view name) {
  std::string out;
  std::size_t kept = 0;
  for (const Part& p : parts_of(body, boundary)) {
    if (p.name != name) continue;
    out += body.substr(kept, p.begin - kept);
    kept = p.end;
  }
  return out += body.substr(kept);
}

}  // namespace key_auth
