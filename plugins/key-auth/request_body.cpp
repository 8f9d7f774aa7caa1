// SPDX-License-Identifier: Apache-2.0
#include "request_body.hpp"

#include "arguments.hpp"
#include "json_object.hpp"
#include "multipart_form.hpp"

namespace key_auth {

RequestBody::Format RequestBody::format_of(std::string_view content_type) {
  std::string type;
  for (char c : content_type.substr(0, content_type.find(';')))
    if (c != ' ' && c != '\t') type += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  if (type == "application/x-www-form-urlencoded") return Format::urlencoded;
  if (type == "multipart/form-data") return Format::multipart;
  if (type == "application/json") return Format::json;
  return Format::unknown;
}

Finding RequestBody::find(std::string_view name) const {
  switch (format_) {
    case Format::urlencoded:
      return find_argument(bytes_, name);
    case Format::multipart:
      return find_part(bytes_, boundary_of(content_type_), name);
    case Format::json:
      return find_member(bytes_, name);
    case Format::unknown:
      break;
  }
  return {};
}

std::string RequestBody::without(std::string_view name) const {
  switch (format_) {
    case Format::urlencoded:
      return without_argument(bytes_, name);
    case Format::multipart:
      return without_part(bytes_, boundary_of(content_type_), name);
    case Format::json:
      return without_member(bytes_, name);
    case Format::unknown:
      break;
  }
  return std::string(bytes_);
}

}  // namespace key_auth
