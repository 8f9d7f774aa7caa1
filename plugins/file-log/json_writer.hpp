// SPDX-License-Identifier: Apache-2.0
// JsonWriter: appends JSON to a string that keeps its memory. Members' names are ours and need no
// escaping; texts are escaped, and what is not UTF-8 becomes U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace file_log {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  // A member's name, written as it is.
  void key(std::string_view name);
  // A member's name from outside; `lower`: ASCII letters in lower case.
  void key_text(std::string_view name, bool lower);
  void string(std::string_view text);
  void integer(std::int64_t number);
  void boolean(bool value);
  void member(std::string_view name, std::string_view text) { key(name), string(text); }
  void member(std::string_view name, std::int64_t number) { key(name), integer(number); }

 private:
  void open(char c);
  void close(char c);
  void separate();
  void escaped(std::string_view text, bool lower);

  std::string& out_;
  bool first_ = true;  // of the innermost collection
  bool after_key_ = false;
};

}  // namespace file_log
