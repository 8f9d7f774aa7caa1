// SPDX-License-Identifier: Apache-2.0
// Paths: the normal form is the one that a slow and obvious normaliser makes, is stable, and holds
// no dot segment; what strip_path makes of it does not either.
#include "routing/path.hpp"

#include <string>
#include <vector>

#include "fuzz.hpp"

using namespace gw;
using fuzz::require;

namespace {

constexpr std::string_view k_unreserved =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
constexpr std::string_view k_reserved = "!$&'()*+,;=:@[]";
constexpr std::string_view k_upper = "0123456789ABCDEF";

bool holds(std::string_view set, char c) { return set.find(c) != set.npos; }

int hex(char c) {
  const auto at = std::string_view("0123456789abcdef0123456789ABCDEF").find(c);
  return at == std::string_view::npos ? -1 : int(at % 16);
}

std::string escaped(unsigned char c) { return {'%', k_upper[c >> 4], k_upper[c & 15]}; }

// Escapes as the normal form has them; "" when one is broken.
std::string settle_escapes(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto c = static_cast<unsigned char>(path[i]);
    if (c < 0x20 || c == 0x7F || c == '#' || c == '?') return "";
    if (c == '%') {
      const int byte = path.size() - i < 3 || hex(path[i + 1]) < 0 || hex(path[i + 2]) < 0
                           ? 0
                           : hex(path[i + 1]) * 16 + hex(path[i + 2]);
      if (byte == 0) return "";
      out += holds(k_unreserved, char(byte)) ? std::string(1, char(byte))
                                             : escaped(static_cast<unsigned char>(byte));
      i += 2;
    } else {
      const bool plain = c == '/' || holds(k_unreserved, char(c)) || holds(k_reserved, char(c));
      out += plain ? std::string(1, char(c)) : escaped(c);
    }
  }
  return out;
}

std::string naive(std::string_view path) {
  const std::string settled = settle_escapes(path);
  if (settled.empty()) return "";
  std::vector<std::string> segments;
  bool slash = true;  // at the end
  for (std::size_t at = 1; at <= settled.size();) {
    const auto end = std::min(settled.find('/', at), settled.size());
    const std::string segment = settled.substr(at, end - at);
    at = end + 1;
    slash = segment.empty() || segment == "." || segment == "..";
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!slash) {
      segments.push_back(segment);
    }
  }
  std::string out;
  for (const auto& segment : segments) out += "/" + segment;
  return slash || out.empty() ? out + "/" : out;
}

bool has_dot_segment(std::string_view path) {
  const std::string closed = std::string(path) + "/";
  return closed.find("/./") != closed.npos || closed.find("/../") != closed.npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string path = "/" + std::string(fuzz::text(data, size));
  static BlockPool pool{16384, 4};
  Arena arena{pool};
  const auto normal = routing::normalize(path, arena);
  require((normal.data() == nullptr ? "" : std::string(normal)) == naive(path), "the naive form");
  if (normal.data() == nullptr) return 0;
  require(routing::normalize(normal, arena) == normal, "normal forms are stable");
  require(!has_dot_segment(normal) && normal.find("//") == normal.npos, "no dots, no slashes");
  const unsigned traits = routing::path_traits(normal);
  for (const char* base : {"", "/", "/base", "/base/"}) {
    for (std::size_t matched = 0; matched <= normal.size(); matched += 1 + normal.size() / 8) {
      for (const bool strip : {true, false}) {
        const auto out = routing::upstream_path({base, strip, false}, normal, matched, arena);
        require(out.starts_with('/') && !has_dot_segment(out), "no dots upstream");
        const unsigned made = routing::path_traits(out) & ~traits;
        require((made & config::k_path_hidden_dots) == 0, "stripping lays no dots bare");
      }
    }
  }
  return 0;
}
