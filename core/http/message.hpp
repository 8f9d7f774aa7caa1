// SPDX-License-Identifier: Apache-2.0
// The heads of an HTTP/1.x request and response, as understood: checked, framing decided. Slices
// live in the message's arena. What is sent on is built from this, never copied through.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/fields.hpp"

namespace gw::http {

enum class Method : std::uint8_t {
  other,
  get,
  head,
  post,
  put,
  delete_,
  options,
  patch,
  trace,
  connect
};

// RFC 9110 9.2.2.
constexpr bool is_idempotent(Method method) {
  switch (method) {
    case Method::get:
    case Method::head:
    case Method::put:
    case Method::delete_:
    case Method::options:
    case Method::trace:
      return true;
    default:
      return false;
  }
}

// How a body ends (RFC 9112 6.3).
enum class BodyKind : std::uint8_t { none, length, chunked, until_close };

struct RequestHead {
  explicit RequestHead(Arena& arena) : fields(arena) {}
  void clear();

  Method method = Method::other;
  std::string_view method_text;
  std::string_view target;  // as received
  std::string_view path;    // of the target, raw, without query; '/'-begun (or "*" for OPTIONS)
  std::string_view query;   // raw, without '?'; null data: there is none
  std::string_view host;    // Host field or absolute-form's authority; may be empty (HTTP/1.0)
  std::uint8_t minor = 1;   // HTTP/1.minor
  bool keep_alive = true;   // the client wants and may keep the connection
  bool expect_continue = false;
  std::string_view upgrade;  // the one protocol that the client would switch to; empty: none
  BodyKind body = BodyKind::none;
  std::uint64_t content_length = 0;  // of BodyKind::length
  Fields fields;
};

struct ResponseHead {
  explicit ResponseHead(Arena& arena) : fields(arena) {}
  void clear();

  int status = 0;
  std::string_view reason;
  std::uint8_t minor = 1;
  bool keep_alive = true;
  BodyKind body = BodyKind::none;
  std::uint64_t content_length = 0;
  bool has_content_length = false;  // also of answers without a body (HEAD, 304)
  std::string_view upgrade;  // of 101: the protocol from here on; of 426: those that would do
  Fields fields;
};

Method parse_method(std::string_view text);
// "Not Found"; "" for a status without a standard phrase.
std::string_view reason_phrase(int status);

}  // namespace gw::http
