// SPDX-License-Identifier: Apache-2.0
#include "routing/path.hpp"

#include <cstring>

#include "base/text.hpp"

namespace gw::routing {

namespace {

std::string_view join(std::string_view a, std::string_view b, std::string_view c, Arena& arena) {
  if (a.empty() && b.empty()) return c;
  char* memory = arena.array<char>(a.size() + b.size() + c.size());
  char* at = memory;
  for (const auto piece : {a, b, c}) {
    if (!piece.empty()) std::memcpy(at, piece.data(), piece.size());
    at += piece.size();
  }
  return {memory, std::size_t(at - memory)};
}

// One or two dots at the front, when what follows ends a segment for some origin; else 0.
std::size_t hidden_dots(std::string_view text) {
  const std::size_t dots = text.starts_with("..") ? 2 : text.starts_with('.') ? 1 : 0;
  const auto rest = text.substr(dots);
  const bool ends = rest.empty() || rest.front() == '/' || rest.front() == ';' ||
                    rest.starts_with("%3B") || rest.starts_with("%2F") || rest.starts_with("%5C");
  return ends ? dots : 0;
}

// What stripping leaves, without the dots that it may have laid bare.
std::string_view strip(std::string_view path, std::size_t matched) {
  path.remove_prefix(matched == 0 ? 1 : matched);
  const std::size_t dots = hidden_dots(path);
  if (dots == 0) return path;
  path.remove_prefix(dots);
  if (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

// What follows a %25: one of `.`, `/`, `\`, NUL, encoded once more or oftener.
bool hides_separator(std::string_view text) {
  while (text.starts_with("25")) text.remove_prefix(2);
  const auto escape = text.substr(0, 2);
  return iequals(escape, "2e") || iequals(escape, "2f") || iequals(escape, "5c") || escape == "00";
}

// UTF-8 of more bytes than it needs, for `.`, `/` and `\`: old decoders take it.
bool is_overlong(std::string_view text) {
  return text.starts_with("%C0%AE") || text.starts_with("%C0%AF") || text.starts_with("%C1%9C") ||
         text.starts_with("%E0%80%AE") || text.starts_with("%E0%80%AF") ||
         text.starts_with("%E0%81%9C");
}

// Of the escape that `text` begins with.
unsigned traits_of_escape(std::string_view text) {
  const char high = text[1], low = text[2];
  if (high == '2' && low == 'F') return config::k_path_encoded_slash;
  if (high == '5' && low == 'C') return config::k_path_backslash;
  if (high < '2' || (high == '7' && low == 'F')) return config::k_path_control;
  if (high == '2' && low == '5')
    return hides_separator(text.substr(3)) ? config::k_path_double_encoding : 0;
  return is_overlong(text) ? config::k_path_double_encoding : 0;
}

// The rows of v0 for a base with a slash at its end.
std::string_view strip_onto_slash(std::string_view base, std::string_view path,
                                  std::string_view rest, Arena& arena) {
  const auto trimmed = base.substr(0, base.size() - 1);
  if (rest.empty()) return base == "/" || path.ends_with('/') ? base : trimmed;
  return join(rest.front() == '/' ? trimmed : base, {}, rest, arena);
}

std::string_view v1_path(const UpstreamPathRule& rule, std::string_view base, std::string_view path,
                         std::size_t matched, Arena& arena) {
  if (!rule.strip_path) return join(base, {}, path.substr(1), arena);
  const auto rest = strip(path, matched);
  if (base.ends_with('/') && rest.starts_with('/')) base.remove_suffix(1);
  return rest.empty() ? base : join(base, {}, rest, arena);
}

}  // namespace

std::uint8_t path_traits(std::string_view normal) {
  if (normal.find('%') == normal.npos && normal.find(';') == normal.npos) return 0;
  unsigned traits = 0;
  for (std::size_t i = 0; i < normal.size(); ++i) {
    std::size_t separator = normal[i] == '/' ? 1 : 0;
    if (normal[i] == '%') {
      const unsigned found = traits_of_escape(normal.substr(i));
      traits |= found;
      if ((found & (config::k_path_encoded_slash | config::k_path_backslash)) != 0) separator = 3;
    }
    if (separator > 0 && hidden_dots(normal.substr(i + separator)) > 0)
      traits |= config::k_path_hidden_dots;
  }
  return std::uint8_t(traits);
}

std::string_view upstream_path(const UpstreamPathRule& rule, std::string_view path,
                               std::size_t matched, Arena& arena) {
  const std::string_view base = rule.service_path.empty() ? "/" : rule.service_path;
  if (base == "/" && !rule.strip_path) return path;
  if (rule.v1) return v1_path(rule, base, path, matched, arena);
  const bool slash = base.ends_with('/');
  if (!rule.strip_path) {
    if (slash) return join(base, {}, path.substr(1), arena);
    return path == "/" ? base : join(base, {}, path, arena);
  }
  const auto rest = strip(path, matched);
  if (slash) return strip_onto_slash(base, path, rest, arena);
  if (rest.empty())
    return path.size() > 1 && path.ends_with('/') ? join(base, "/", {}, arena) : base;
  return join(base, rest.front() == '/' ? "" : "/", rest, arena);
}

}  // namespace gw::routing
