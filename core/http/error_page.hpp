// SPDX-License-Identifier: Apache-2.0
// Bodies of the answers that the gateway makes itself: the one builder. Formats and texts are
// Kong's (JSON with message and request_id, plain, html, xml), and RFC 9457 problem details for who
// asks for them.
#pragma once

#include <string>
#include <string_view>

namespace gw::http {

enum class ErrorFormat : std::uint8_t { plain, json, html, xml, problem_json };

struct ErrorPage {
  int status = 500;
  std::string_view message;
  std::string_view code;  // reason code
  std::string_view request_id;
};

// By the client's Accept (RFC 9110 12.5.1, with q values; the first best wins); `fallback` when it
// asks for none of these, for anything, or for nothing.
ErrorFormat choose_format(std::string_view accept, ErrorFormat fallback);
std::string_view content_type(ErrorFormat format);
void append_page(std::string& out, ErrorFormat format, const ErrorPage& page);
// {"message":"…"}: what Kong's exit() sends.
void append_plain_message(std::string& out, std::string_view message);
// "The upstream server is timing out" for 504…
std::string_view default_message(int status);

}  // namespace gw::http
