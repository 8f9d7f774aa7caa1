// SPDX-License-Identifier: Apache-2.0
#include "config.hpp"

namespace request_termination {
namespace {

std::string usual_message(int status) {
  switch (status) {
    case 401:
      return "Unauthorized";
    case 404:
      return "Not found";
    case 405:
      return "Method not allowed";
    case 500:
      return "An unexpected error occurred";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service unavailable";
    default:
      return "";
  }
}

void refuse_contradictions(const gw::config& c) {
  const bool content_type = !c.str("content_type").empty(), body = !c.str("body").empty();
  if (!c.str("message").empty() && (content_type || body))
    throw gw::config_error("message cannot be used with content_type or body");
  if (content_type && !body) throw gw::config_error("content_type requires a body");
  if (c.boolean("echo") && (content_type || body))
    throw gw::config_error("echo cannot be used with content_type and body");
}

}  // namespace

Config::Config(const gw::config& c)
    : status(static_cast<int>(c.i64("status_code"))),
      message(c.opt_str("message").value_or(usual_message(status))),
      content_type(c.str("content_type")),
      body(c.str("body")),
      has_body(c.has("body")),
      echo(c.boolean("echo")),
      trigger(c.str("trigger")),
      trigger_header(trigger.empty() ? 0 : c.header_id(trigger)) {
  refuse_contradictions(c);
}

}  // namespace request_termination
