// SPDX-License-Identifier: Apache-2.0
// A body that can hold a key, in whichever of three formats its Content-Type says. Borrows both
// texts.
#pragma once

#include <string_view>

#include "finding.hpp"

namespace key_auth {

class RequestBody {
 public:
  enum class Format { unknown, urlencoded, multipart, json };
  static Format format_of(std::string_view content_type);

  constexpr RequestBody() = default;
  RequestBody(std::string_view content_type, std::string_view bytes)
      : format_(format_of(content_type)), content_type_(content_type), bytes_(bytes) {}

  Finding find(std::string_view name) const;
  std::string without(std::string_view name) const;

 private:
  Format format_ = Format::unknown;
  std::string_view content_type_, bytes_;
};

}  // namespace key_auth
