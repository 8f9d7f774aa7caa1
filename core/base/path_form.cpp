// SPDX-License-Identifier: Apache-2.0
#include "base/path_form.hpp"

#include <array>

namespace gw {

namespace {

enum class Class : unsigned char { unreserved, reserved, slash, percent, escaped, refused };

constexpr Class classify(unsigned char c) {
  if (c < 0x20 || c == 0x7F || c == '#' || c == '?') return Class::refused;
  if (c == '/') return Class::slash;
  if (c == '%') return Class::percent;
  if (c >= 0x80) return Class::escaped;
  for (const char e : {' ', '"', '<', '>', '\\', '^', '`', '{', '|', '}'})
    if (c == static_cast<unsigned char>(e)) return Class::escaped;
  const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
  const bool digit = c >= '0' && c <= '9';
  if (letter || digit || c == '-' || c == '.' || c == '_' || c == '~') return Class::unreserved;
  return Class::reserved;
}

constexpr auto k_classes = [] {
  std::array<Class, 256> table{};
  for (unsigned c = 0; c < 256; ++c) table[c] = classify(static_cast<unsigned char>(c));
  return table;
}();

Class class_of(char c) { return k_classes[static_cast<unsigned char>(c)]; }

// -1: no hex digit.
int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = char(c | 0x20);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// Whether the segment that begins at `at` is `.` or `..`.
bool dot_segment(std::string_view path, std::size_t at) {
  const auto end = path.find('/', at);
  const auto segment = path.substr(at, end == path.npos ? path.npos : end - at);
  return segment == "." || segment == "..";
}

bool is_normal(std::string_view path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Class c = class_of(path[i]);
    if (c <= Class::reserved) continue;
    if (c != Class::slash) return false;
    if (i + 1 == path.size()) break;
    const char next = path[i + 1];
    if (next == '/' || (next == '.' && dot_segment(path, i + 1))) return false;
  }
  return true;
}

// The normal form under construction, which always begins with '/'. `segment_` is where the last,
// open segment begins.
class Output {
 public:
  explicit Output(char* memory) : base_(memory), at_(memory), segment_(memory + 1) { *at_++ = '/'; }

  void add(char c) { *at_++ = c; }
  void add_escape(unsigned char c) {
    constexpr char k_digits[] = "0123456789ABCDEF";
    *at_++ = '%';
    *at_++ = k_digits[c >> 4];
    *at_++ = k_digits[c & 15];
  }
  // Resolves the open segment if it is one of dots. False if nothing is left of it.
  bool close_segment() {
    const std::string_view segment(segment_, std::size_t(at_ - segment_));
    if (segment == ".") {
      at_ = segment_;
    } else if (segment == "..") {
      at_ = segment_;
      if (at_ > base_ + 1) --at_;
      while (at_[-1] != '/') --at_;
      segment_ = at_;
    }
    return at_ != segment_;
  }
  void add_slash() {
    if (!close_segment()) return;
    *at_++ = '/';
    segment_ = at_;
  }
  std::string_view text() const { return {base_, std::size_t(at_ - base_)}; }

 private:
  char* base_;
  char* at_;
  char* segment_;
};

// False when the escape is broken or hides NUL. REQUIRES: path[at] == '%'.
bool add_escape(Output& out, std::string_view path, std::size_t at) {
  if (path.size() - at < 3) return false;
  const int high = hex_value(path[at + 1]);
  const int low = hex_value(path[at + 2]);
  if (high < 0 || low < 0 || high + low == 0) return false;
  const auto c = static_cast<unsigned char>(high << 4 | low);
  if (k_classes[c] == Class::unreserved)
    out.add(char(c));
  else
    out.add_escape(c);
  return true;
}

}  // namespace

std::string_view normalize_path(std::string_view path, Arena& arena) {
  if (is_normal(path)) return path;
  std::size_t most = path.size();
  for (const char c : path) most += class_of(c) == Class::escaped ? 2 : 0;
  Output out(arena.array<char>(most));
  for (std::size_t i = 1; i < path.size(); ++i) {
    switch (class_of(path[i])) {
      case Class::unreserved:
      case Class::reserved:
        out.add(path[i]);
        break;
      case Class::slash:
        out.add_slash();
        break;
      case Class::percent:
        if (!add_escape(out, path, i)) return {};
        i += 2;
        break;
      case Class::escaped:
        out.add_escape(static_cast<unsigned char>(path[i]));
        break;
      case Class::refused:
        return {};
    }
  }
  out.close_segment();
  return out.text() == path ? path : out.text();
}

}  // namespace gw
