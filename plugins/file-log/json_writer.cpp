// SPDX-License-Identifier: Apache-2.0
#include "json_writer.hpp"

#include <array>
#include <charconv>

namespace file_log {

namespace {

// Length of the valid UTF-8 sequence at the start of text; 0 if there is none.
std::size_t sequence(std::string_view text) {
  const auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return (at(i) & 0xC0u) == 0x80u; };
  const unsigned lead = at(0);
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool fine =
        tail(1) && tail(2) && !(lead == 0xE0 && at(1) < 0xA0) && !(lead == 0xED && at(1) > 0x9F);
    return fine ? 3 : 0;
  }
  if (lead < 0xF0 || lead > 0xF4 || !tail(1) || !tail(2) || !tail(3)) return 0;
  return (lead == 0xF0 && at(1) < 0x90) || (lead == 0xF4 && at(1) > 0x8F) ? 0 : 4;
}

// Bytes that stand for themselves: most of them, so they are copied in runs.
constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> out{};
  for (std::size_t c = 0x20; c < 0x7F; ++c) out[c] = c != '"' && c != '\\';
  return out;
}
constexpr auto k_plain = make_plain();

}  // namespace

void JsonWriter::separate() {
  if (!first_ && !after_key_) out_ += ',';
  first_ = after_key_ = false;
}

void JsonWriter::open(char c) {
  separate();
  out_ += c;
  first_ = true;
}

void JsonWriter::close(char c) {
  out_ += c;
  first_ = false;
}

void JsonWriter::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  after_key_ = true;
}

void JsonWriter::key_text(std::string_view name, bool lower) {
  separate();
  escaped(name, lower);
  out_ += ':';
  after_key_ = true;
}

void JsonWriter::string(std::string_view text) {
  separate();
  escaped(text, false);
}

void JsonWriter::integer(std::int64_t number) {
  separate();
  char digits[24];
  out_.append(digits, static_cast<std::size_t>(
                          std::to_chars(digits, digits + sizeof digits, number).ptr - digits));
}

void JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
}

void JsonWriter::escaped(std::string_view text, bool lower) {
  static constexpr char k_hex[] = "0123456789abcdef";
  out_ += '"';
  const std::size_t start = out_.size();
  for (std::size_t i = 0; i < text.size();) {
    std::size_t plain = i;
    while (plain < text.size() && k_plain[static_cast<unsigned char>(text[plain])]) ++plain;
    out_.append(text, i, plain - i);
    i = plain;
    if (i == text.size()) break;
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      const std::size_t n = sequence(text.substr(i));
      n > 0 ? out_.append(text.substr(i, n)) : out_.append("\xEF\xBF\xBD");
      i += n > 0 ? n : 1;
      continue;
    }
    ++i;
    out_ += '\\';
    if (c == '"' || c == '\\') {
      out_ += static_cast<char>(c);
    } else {
      out_ += "u00";
      out_ += k_hex[c >> 4];
      out_ += k_hex[c & 15];
    }
  }
  for (std::size_t i = start; lower && i < out_.size(); ++i)
    if (out_[i] >= 'A' && out_[i] <= 'Z') out_[i] = static_cast<char>(out_[i] + 32);
  out_ += '"';
}

}  // namespace file_log
