// SPDX-License-Identifier: Apache-2.0
#include "json_object.hpp"

#include <cstdint>
#include <vector>

namespace key_auth {
namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// Reads values one after the other. Each function answers false for what is not JSON.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  bool at_end() { return peek() == '\0' && at_ == text_.size(); }
  char peek() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }

  bool string(std::string& out) {
    out.clear();
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\')
        out += c;
      else if (!escape(out))
        return false;
    }
    return false;
  }

  bool value(int depth) {
    std::string ignored;
    switch (peek()) {
      case '"':
        return string(ignored);
      case '{':
        return depth < k_max_depth && object(depth);
      case '[':
        return depth < k_max_depth && array(depth);
      case 't':
        return literal("true");
      case 'f':
        return literal("false");
      case 'n':
        return literal("null");
      default:
        return number();
    }
  }

 private:
  bool literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > begin;
  }
  bool next_is(std::string_view any) const {
    return at_ < text_.size() && any.find(text_[at_]) != any.npos;
  }
  bool number() {
    if (next_is("-")) ++at_;
    if (next_is("0"))
      ++at_;
    else if (!digits())
      return false;
    if (next_is(".") && (++at_, !digits())) return false;
    if (!next_is("eE")) return true;
    ++at_;
    if (next_is("+-")) ++at_;
    return digits();
  }

  bool object(int depth) {
    std::string name;
    ++at_;
    if (take('}')) return true;
    do {
      if (!string(name) || !take(':') || !value(depth + 1)) return false;
    } while (take(','));
    return take('}');
  }
  bool array(int depth) {
    ++at_;
    if (take(']')) return true;
    do {
      if (!value(depth + 1)) return false;
    } while (take(','));
    return take(']');
  }

  bool hex4(std::uint32_t& out) {
    out = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (!next_is("0123456789abcdefABCDEF")) return false;
      const char c = text_[at_];
      out = out * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return true;
  }
  bool escape(std::string& out) {
    static constexpr std::string_view k_letters = "\"\\/bfnrt", k_meaning = "\"\\/\b\f\n\r\t";
    if (at_ == text_.size()) return false;
    const char c = text_[at_++];
    const std::size_t i = k_letters.find(c);
    if (i != k_letters.npos) return out += k_meaning[i], true;
    std::uint32_t code = 0, low = 0;
    if (c != 'u' || !hex4(code)) return false;
    if (code >= 0xD800 && code < 0xDC00 && literal("\\u")) {
      if (!hex4(low) || low < 0xDC00 || low > 0xDFFF) return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, code);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

struct Member {
  std::string name, text;  // text: of a string
  bool is_string;
  std::size_t begin, end;  // of `"name": value`, without separators
};

bool read_members(std::string_view json, std::vector<Member>& out) {
  Scanner s(json);
  if (!s.take('{')) return false;
  if (s.take('}')) return s.at_end();
  do {
    Member m{};
    s.peek();
    m.begin = s.at();
    if (!s.string(m.name) || !s.take(':')) return false;
    m.is_string = s.peek() == '"';
    if (!(m.is_string ? s.string(m.text) : s.value(1))) return false;
    m.end = s.at();
    out.push_back(std::move(m));
  } while (s.take(','));
  return s.take('}') && s.at_end();
}

}  // namespace

Finding find_member(std::string_view json, std::string_view name) {
  Finding found;
  std::vector<Member> members;
  if (!read_members(json, members)) return found;
  for (Member& m : members) {
    if (m.name != name) continue;
    if (m.is_string)
      found.add(Finding::Kind::text, std::move(m.text));
    else if (json[m.end - 1] == ']' || json[m.end - 1] == '}')
      found.add(Finding::Kind::duplicate);
    else
      found.add(Finding::Kind::other);
  }
  return found;
}

std::string without_member(std::string_view json, std::string_view name) {
  std::vector<Member> members;
  if (!read_members(json, members) || members.empty()) return std::string(json);
  std::string out(json.substr(0, members.front().begin));
  bool first = true;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Member& m = members[i];
    if (m.name == name) continue;
    const std::size_t from = first ? m.begin : members[i - 1].end;  // with the comma before it
    out += json.substr(from, m.end - from);
    first = false;
  }
  return out += json.substr(members.back().end);
}

}  // namespace key_auth
