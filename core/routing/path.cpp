// SPDX-License-Identifier: Apache-2.0
#include "routing/path.hpp"

#include <cstring>

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

// What stripping leaves, without the dots that it may have laid bare.
std::string_view strip(std::string_view path, std::size_t matched) {
  path.remove_prefix(matched == 0 ? 1 : matched);
  if (path == "." || path == "..") return {};
  if (path.starts_with("./")) return path.substr(2);
  if (path.starts_with("../")) return path.substr(3);
  return path;
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
