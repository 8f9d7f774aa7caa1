// SPDX-License-Identifier: Apache-2.0
#include <gatewright/plugin.hpp>

struct hello {
  static constexpr auto name = "hello-cpp";
  static constexpr int priority = 501;
  static constexpr auto schema = R"({"type": "object", "properties": {
    "greeting": {"type": "string", "minLength": 1, "default": "hello from C++"}}})";

  explicit hello(gw::config c) : header(c.header_id("X-Hello")), greeting(c.str("greeting")) {}
  gw::action on_request(gw::request r) const {
    if (r.header(header) == "mallory") return r.respond(403, "Not you again");
    r.set_header(header, greeting);
    return gw::next;
  }
  gw::hid header;
  std::string greeting;
};
GW_PLUGIN(hello)
