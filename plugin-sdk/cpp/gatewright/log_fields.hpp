// SPDX-License-Identifier: Apache-2.0
// What a configuration changes in a log record, for log_record.hpp: fields of the user's own, and
// headers that are left out. Compiled when the instance is made: what is constant in a field is
// JSON already.
//
// custom_fields: {NAME: TEXT}. `$(header:X)` and `$(response_header:X)` in TEXT stand for the first
// value of a field, or nothing.
// custom_fields_by_lua: {NAME: CODE}, as Kong has it, as far as it goes without Lua: CODE is
// `return` and a literal: a string, a number, true, false; or nil, which for request.headers.X and
// response.headers.X leaves that header out.
// A dot in a name makes an object, as in Kong: "a.b" is {"a": {"b": …}}. "request.x",
// "response.x" and "latencies.x" become members of those. A name that the record has itself is
// refused.
#pragma once

#include <map>

#include "gatewright/json_writer.hpp"
#include "gatewright/plugin.hpp"

namespace gw {

class log_fields {
 public:
  // Where fields may stand.
  enum place { root, request_object, response_object, latencies, places };

  // Reads the two options; either may be missing from a plugin's schema. Throws config_error.
  explicit log_fields(const config& c) {
    for (const std::string& name : c.members("custom_fields"))
      add_field(name, pieces_of(c, name, c.str(join("custom_fields/", config::escape(name)))));
    for (const std::string& name : c.members("custom_fields_by_lua"))
      add_code(c, name, c.str(join("custom_fields_by_lua/", config::escape(name))));
    for (int p = root; p < places; ++p) compile(trees_[p], compiled_[p], true);
    for (tree& t : trees_) t = tree();
  }

  // Writes the fields of one place as members of the object that is open.
  void write(json_writer& json, place where, request r) const {
    for (const piece& p : compiled_[where]) {
      switch (p.what) {
        case piece::json:
          json.fragment(p.text);
          break;
        case piece::request_header:
          json.add(r.header(p.header));
          break;
        case piece::response_header:
          json.add(r.response().header(p.header));
          break;
      }
    }
  }
  bool leaves_out_some(uint32_t map) const { return !left_out_[map].empty(); }
  bool leaves_out(uint32_t map, hid id) const {
    for (hid other : left_out_[map])
      if (other == id) return true;
    return false;
  }

 private:
  struct piece {
    enum kind { json, request_header, response_header } what;
    std::string text;
    hid header;
  };
  using pieces = std::vector<piece>;
  struct tree {
    std::map<std::string, tree> members;
    pieces value;  // of a leaf
  };

  static std::string quoted_inside(view text) {
    std::string out(json_room(text.size()), '\0');
    out.resize(static_cast<size_t>(json_escape<false>(text, out.data()) - out.data()));
    return out;
  }
  [[noreturn]] static void refuse(const char* option, view name, view why) {
    throw config_error(join("/", option, "/", config::escape(name)), std::string(why));
  }

  static piece variable(const config& c, view field, view name) {
    const size_t colon = name.find(':');
    const view kind = name.substr(0, colon);
    if (colon != view::npos && (kind == "header" || kind == "response_header"))
      return {kind == "header" ? piece::request_header : piece::response_header,
              {},
              c.header_id(name.substr(colon + 1))};
    refuse("custom_fields", field,
           join("$(", name, ") is not known; expected $(header:NAME) or $(response_header:NAME)"));
  }
  static pieces pieces_of(const config& c, view field, view text) {
    pieces out{{piece::json, "\"", 0}};
    while (!text.empty()) {
      const size_t begin = text.find("$("), end = text.find(')', begin);
      const bool has_variable = begin != view::npos && end != view::npos;
      out.push_back(
          {piece::json, quoted_inside(text.substr(0, has_variable ? begin : text.size())), 0});
      if (!has_variable) break;
      out.push_back(variable(c, field, text.substr(begin + 2, end - begin - 2)));
      text.remove_prefix(end + 1);
    }
    out.push_back({piece::json, "\"", 0});
    return out;
  }

  static view trimmed(view text) {
    const size_t first = text.find_first_not_of(" \t\r\n;");
    if (first == view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n;") - first + 1);
  }
  // JSON of a literal of Lua; empty when the code is something else.
  static std::string literal_of(view code) {
    constexpr view k_return = "return";
    code = trimmed(code);
    if (code.substr(0, k_return.size()) != k_return) return {};
    const view value = trimmed(code.substr(k_return.size()));
    if (value == "true" || value == "false" || value == "nil") return std::string(value);
    if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'') && value.back() == value[0]) {
      const view inside = value.substr(1, value.size() - 2);
      if (inside.find(value[0]) != view::npos || inside.find('\\') != view::npos) return {};
      return join("\"", quoted_inside(inside), "\"");
    }
    return is_number(value) ? std::string(value) : std::string();
  }
  // A number as both Lua and JSON have it.
  static bool is_number(view text) {
    size_t at = 0;
    const auto digits = [&] {
      const size_t from = at;
      while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
      return at - from;
    };
    const auto is = [&](view any) { return at < text.size() && any.find(text[at]) != view::npos; };
    if (is("-")) ++at;
    const size_t first = at, whole = digits();
    if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
    if (is(".") && (++at, digits() == 0)) return false;
    if (is("eE")) {
      ++at;
      if (is("+-")) ++at;
      if (digits() == 0) return false;
    }
    return at == text.size();
  }

  void add_code(const config& c, const std::string& name, view code) {
    const std::string value = literal_of(code);
    if (value.empty())
      refuse("custom_fields_by_lua", name,
             "there is no Lua here: expected `return` and a string, a number, true, false or nil; "
             "for values of headers use custom_fields");
    if (value != "nil") return add_field(name, {{piece::json, value, 0}}, "custom_fields_by_lua");
    const view header = after(name, "request.headers."), answer = after(name, "response.headers.");
    if (!header.empty()) return left_out_[GW_REQUEST].push_back(c.header_id(header));
    if (!answer.empty()) return left_out_[GW_RESPONSE].push_back(c.header_id(answer));
    if (is_own(name))
      refuse("custom_fields_by_lua", name,
             "only request.headers.NAME and response.headers.NAME can be left out");
  }
  static view after(view name, view prefix) {
    return name.substr(0, prefix.size()) == prefix ? name.substr(prefix.size()) : view();
  }

  static bool is_one_of(view name, std::initializer_list<view> names) {
    for (view n : names)
      if (n == name) return true;
    return false;
  }
  // Whether the record has such a member, or one that this would have to be inside of.
  static bool is_own(view name) {
    const view first = name.substr(0, name.find('.'));
    const view rest = first.size() < name.size() ? name.substr(first.size() + 1) : view();
    const view second = rest.substr(0, rest.find('.'));
    if (first == "request")
      return rest.empty() || is_one_of(second, {"id", "method", "uri", "url", "querystring",
                                                "headers", "size", "tls"});
    if (first == "response")
      return rest.empty() || is_one_of(second, {"status", "headers", "size"});
    if (first == "latencies")
      return rest.empty() || is_one_of(second, {"request", "kong", "proxy", "receive"});
    return is_one_of(first, {"upstream_uri", "upstream_status", "tries", "route", "service",
                             "consumer", "authenticated_entity", "client_ip", "started_at",
                             "source", "workspace", "workspace_name"});
  }

  void add_field(const std::string& name, pieces value, const char* option = "custom_fields") {
    if (is_own(name)) refuse(option, name, "the record has a field of this name; choose another");
    view rest = name;
    place where = root;
    for (const auto& [object, p] : {std::pair<view, place>{"request.", request_object},
                                    {"response.", response_object},
                                    {"latencies.", latencies}})
      if (const view inner = after(name, object); !inner.empty()) where = p, rest = inner;
    tree* at = &trees_[where];
    for (size_t dot = 0; dot != view::npos;) {
      dot = rest.find('.');
      if (rest.empty() || dot == 0) refuse(option, name, "a part of the name is empty");
      at = &at->members[std::string(rest.substr(0, dot))];
      if (!at->value.empty()) refuse(option, name, "another custom field stands in its way");
      if (dot != view::npos) rest.remove_prefix(dot + 1);
    }
    if (!at->members.empty()) refuse(option, name, "another custom field stands in its way");
    at->value = std::move(value);
  }

  // Joins what is constant: `"a":{"b":"`, a header's value, `"},`.
  static void compile(const tree& from, pieces& to, bool outermost) {
    const auto constant = [&to](view text) {
      if (to.empty() || to.back().what != piece::json) to.push_back({piece::json, {}, 0});
      to.back().text.append(text);
    };
    bool first = true;
    for (const auto& [name, member] : from.members) {
      if (!outermost && !first) constant(",");
      first = false;
      constant(join("\"", quoted_inside(name), "\":"));
      for (const piece& p : member.value)
        p.what == piece::json ? constant(p.text) : to.push_back(p);
      if (!member.members.empty()) {
        constant("{");
        compile(member, to, false);
        constant("}");
      }
      if (outermost) constant(",");
    }
  }

  tree trees_[places];  // while it is made
  pieces compiled_[places];
  std::vector<hid> left_out_[2];
};

}  // namespace gw
