// SPDX-License-Identifier: Apache-2.0
// Writing of JSON text. Strings may hold any bytes: what is not UTF-8 becomes U+FFFD, so that the
// text is always valid.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace request_termination {

void append_string(std::string& out, std::string_view bytes);

// An object under construction; values are JSON text, but for text().
class JsonObject {
 public:
  JsonObject& json(std::string_view name, std::string_view value);
  JsonObject& text(std::string_view name, std::string_view value);
  std::string take() { return std::move(text_ += '}'); }

 private:
  std::string text_ = "{";
};

// Names with one value or several, each JSON text, as an object of values and arrays.
using Multimap = std::map<std::string, std::vector<std::string>>;
std::string to_json(const Multimap& values);

}  // namespace request_termination
