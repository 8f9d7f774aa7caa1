// SPDX-License-Identifier: Apache-2.0
#include "config/settings_table.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "base/text.hpp"
#include "config/object_reader.hpp"

namespace gw::config {

namespace {

// A value from wherever it comes: the tree, or text of the environment or a flag.
struct Given {
  const Value* value = nullptr;
  std::string text;  // when value is null
};

// Writes the value into the settings; what is expected when it does not fit, else empty.
using Store = std::string (*)(const Given&, Settings&);

std::string as_text(const Given& given) {
  if (given.value == nullptr) return given.text;
  const Value& v = *given.value;
  if (v.is(Kind::string)) return v.string;
  return v.is(Kind::boolean) ? (v.boolean ? "on" : "off") : to_json(v);
}

bool to_list(const Given& given, std::vector<std::string>& out) {
  out.clear();
  if (given.value != nullptr && given.value->is(Kind::array)) {
    for (const Value& item : given.value->items) {
      if (!item.is(Kind::string)) return false;
      out.push_back(item.string);
    }
    return true;
  }
  if (given.value != nullptr && !given.value->is(Kind::string) && !given.value->is(Kind::boolean))
    return false;
  const std::string text = as_text(given);
  for (const auto piece : split(text, ','))
    if (!piece.empty()) out.emplace_back(piece);
  return true;
}

template <auto Member>
std::string store_switch(const Given& given, Settings& into) {
  const std::string text = lower(as_text(given));
  if (text == "on" || text == "true" || text == "yes") return into.*Member = true, "";
  if (text == "off" || text == "false" || text == "no") return into.*Member = false, "";
  return "on or off";
}

template <auto Member, bool ZeroAllowed>
std::string store_duration(const Given& given, Settings& into) {
  std::uint64_t ms = 0;
  constexpr std::string_view k_form = "a duration: seconds, or with a unit such as 500ms, 2s, 1m";
  if (!parse_duration(as_text(given), ms)) return std::string(k_form);
  if (!ZeroAllowed && ms == 0) return "a duration above 0";
  into.*Member = ms;
  return "";
}

template <auto Member, std::uint64_t Low, std::uint64_t High>
std::string store_size(const Given& given, Settings& into) {
  std::uint64_t bytes = 0;
  if (!parse_size(as_text(given), bytes) || bytes < Low || bytes > High)
    return cat("a size from ", Low, " to ", High, " bytes, perhaps with a unit such as 8k, 1m");
  into.*Member = std::remove_reference_t<decltype(into.*Member)>(bytes);
  return "";
}

template <auto Member, std::uint64_t Low, std::uint64_t High>
std::string store_number(const Given& given, Settings& into) {
  const auto number = to_u64(as_text(given));
  if (!number || *number < Low || *number > High)
    return cat("a whole number from ", Low, " to ", High);
  into.*Member = std::remove_reference_t<decltype(into.*Member)>(*number);
  return "";
}

template <auto Member>
std::string store_text(const Given& given, Settings& into) {
  if (given.value != nullptr && !given.value->is(Kind::string)) return "a string";
  into.*Member = as_text(given);
  return "";
}

template <auto Member>
std::string store_list(const Given& given, Settings& into) {
  std::vector<std::string> list;
  if (!to_list(given, list)) return "an array of strings, or a comma-separated string";
  if (list.size() == 1 && list[0] == "off") list.clear();
  into.*Member = std::move(list);
  return "";
}

// HTTP/2 in the clear would pass requests that nobody here has looked at.
std::string store_upgrades(const Given& given, Settings& into) {
  auto refused = store_list<&Settings::upgrade_protocols>(given, into);
  for (const auto& name : into.upgrade_protocols)
    if (refused.empty() &&
        (iequals(name.substr(0, 3), "h2c") || iequals(name.substr(0, 4), "http")))
      refused = "protocols that are not HTTP: a tunnel of it would carry requests unseen";
  return refused;
}

template <auto Member>
std::string store_listen(const Given& given, Settings& into) {
  std::vector<std::string> list;
  if (!to_list(given, list)) return "an array of strings, or a comma-separated string";
  std::vector<Listen> listens;
  for (const auto& text : list) {
    if (text == "off") continue;
    Listen listen;
    if (const auto expected = parse_listen(text, listen); !expected.empty()) return expected;
    listens.push_back(std::move(listen));
  }
  into.*Member = std::move(listens);
  return "";
}

std::string store_workers(const Given& given, Settings& into) {
  if (as_text(given) == "auto") return into.workers = 0, "";
  return store_number<&Settings::workers, 1, 1024>(given, into).empty()
             ? ""
             : "auto, or a whole number from 1 to 1024";
}

std::string store_log_level(const Given& given, Settings& into) {
  auto level = log::parse_level(as_text(given));
  if (!level.ok()) return "debug, info, notice, warn or error";
  into.log_level = level.value();
  return "";
}

std::string store_error_type(const Given& given, Settings& into) {
  const std::string text = as_text(given);
  static constexpr std::array<std::pair<std::string_view, ErrorType>, 5> k_types{
      {{"text/plain", ErrorType::plain},
       {"application/json", ErrorType::json},
       {"text/html", ErrorType::html},
       {"application/xml", ErrorType::xml},
       {"application/problem+json", ErrorType::problem_json}}};
  for (const auto& [name, type] : k_types)
    if (text == name) return into.error_default_type = type, "";
  return "text/plain, application/json, text/html, application/xml or application/problem+json";
}

std::string store_headers(const Given& given, Settings& into) {
  std::vector<std::string> list;
  constexpr const char* k_expected =
      "off, or some of server_tokens, latency_tokens, Server, Via, X-Kong-Upstream-Latency, "
      "X-Kong-Proxy-Latency, "
      "X-Kong-Response-Latency, X-Kong-Upstream-Status, X-Kong-Request-Id";
  if (!to_list(given, list)) return k_expected;
  HeaderTokens t{false, false, false, false, false, false, false, into.headers.request_id_upstream};
  for (const auto& given_name : list) {
    const std::string name = lower(given_name);
    if (name == "off") continue;
    if (name == "server_tokens")
      t.server = t.via = true;
    else if (name == "latency_tokens")
      t.proxy_latency = t.upstream_latency = t.response_latency = true;
    else if (name == "server")
      t.server = true;
    else if (name == "via")
      t.via = true;
    else if (name == "x-kong-upstream-latency")
      t.upstream_latency = true;
    else if (name == "x-kong-proxy-latency")
      t.proxy_latency = true;
    else if (name == "x-kong-response-latency")
      t.response_latency = true;
    else if (name == "x-kong-upstream-status")
      t.upstream_status = true;
    else if (name == "x-kong-request-id")
      t.request_id = true;
    else
      return k_expected;
  }
  into.headers = t;
  return "";
}

std::string store_headers_upstream(const Given& given, Settings& into) {
  const std::string text = lower(as_text(given));
  if (text != "off" && text != "x-kong-request-id") return "X-Kong-Request-Id or off";
  into.headers.request_id_upstream = text != "off";
  return "";
}

std::string store_port_maps(const Given& given, Settings& into) {
  std::vector<std::string> list;
  if (!to_list(given, list)) return "an array of seen:listened, such as 80:8000";
  std::map<std::uint16_t, std::uint16_t> maps;
  for (const auto& text : list) {
    const auto parts = split(text, ':');
    const auto seen = parts.size() == 2 ? to_u64(parts[0]) : std::nullopt;
    const auto listened = parts.size() == 2 ? to_u64(parts[1]) : std::nullopt;
    if (!seen || !listened || *seen > 65535 || *listened > 65535)
      return "an array of seen:listened, such as 80:8000";
    maps[std::uint16_t(*listened)] = std::uint16_t(*seen);
  }
  into.port_maps = std::move(maps);
  return "";
}

std::string store_phase_order(const Given& given, Settings& into) {
  constexpr const char* k_expected =
      "an object of phase names (rewrite, request, request_body, upstream, response, "
      "response_body, log) with arrays of plugin names";
  if (given.value == nullptr || !given.value->is(Kind::object)) return k_expected;
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> k_phases{
      {{"rewrite", "rewrite"},
       {"request", "request"},
       {"access", "request"},
       {"request_body", "request_body"},
       {"upstream", "upstream"},
       {"response", "response"},
       {"header_filter", "response"},
       {"response_body", "response_body"},
       {"body_filter", "response_body"},
       {"log", "log"}}};
  for (const Member& member : given.value->members) {
    const auto known = std::find_if(k_phases.begin(), k_phases.end(),
                                    [&](const auto& p) { return p.first == member.name; });
    std::vector<std::string> names;
    if (known == k_phases.end() || !to_list({&member.value, {}}, names)) return k_expected;
    into.phase_order[std::string(known->second)] = std::move(names);
  }
  return "";
}

struct Row {
  SettingDoc doc;
  Store store;
};

constexpr std::uint64_t k_max_size = 1ull << 50;

const Row k_rows[] = {
#include "config/settings_rows.inc"
};

void apply(const Row& row, const Given& given, std::string_view path, Location where,
           Settings& into, std::vector<Diagnostic>& out) {
  const std::string expected = row.store(given, into);
  if (expected.empty()) return;
  const std::string seen =
      given.value != nullptr ? describe(*given.value) : cat("\"", given.text, "\"");
  out.push_back(
      {Severity::error, where, std::string(path), cat("is ", seen, ", expected ", expected), ""});
}

std::string upper(std::string_view name) {
  std::string out(name);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = char(c - 32);
  return out;
}

const std::string* find_named(const Named& list, std::string_view name) {
  for (const auto& [key, text] : list)
    if (key == name) return &text;
  return nullptr;
}

// Variables of the program that are no settings.
constexpr std::string_view k_reserved[] = {"GATEWRIGHT_CONFIG", "GATEWRIGHT_CHECK_PLUGINS",
                                           "GATEWRIGHT_BINARY"};

void warn_of_unknown(const Named& environment, std::vector<Diagnostic>& out) {
  std::vector<std::string> names;
  for (const Row& row : k_rows) names.push_back("GATEWRIGHT_" + upper(row.doc.name));
  for (const auto& [key, text] : environment) {
    if (!key.starts_with("GATEWRIGHT_")) continue;
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    if (std::find(std::begin(k_reserved), std::end(k_reserved), key) != std::end(k_reserved))
      continue;
    const auto near = closest(key, {names.begin(), names.end()});
    out.push_back({Severity::warning,
                   {},
                   key,
                   "is no setting and is ignored",
                   near.empty() ? "" : cat("did you mean ", near, "?")});
  }
}

}  // namespace

std::vector<SettingDoc> setting_docs() {
  std::vector<SettingDoc> out;
  for (const Row& row : k_rows) out.push_back(row.doc);
  return out;
}

void read_settings(const Value* section, const Named& flags, const Named& environment,
                   Settings& into, std::vector<Diagnostic>& out) {
  Listen listen;
  for (const auto& [text, list] : {std::pair{"127.0.0.1:8000", &into.proxy_listen},
                                   {"127.0.0.1:8001", &into.admin_listen},
                                   {"127.0.0.1:8007", &into.status_listen}})
    if (parse_listen(text, listen).empty()) *list = {listen};
  const Value none = Value::make_object();
  const Place place{"gateway"};
  ObjectReader reader(section != nullptr ? *section : none, place, out);
  for (const Row& row : k_rows) {
    const Value* value = reader.take(row.doc.name);
    const std::string name = upper(row.doc.name);
    if (const auto* text = find_named(flags, row.doc.name))
      apply(row, {nullptr, *text}, cat("--set ", row.doc.name), {}, into, out);
    else if (const auto* own = find_named(environment, "GATEWRIGHT_" + name))
      apply(row, {nullptr, *own}, "GATEWRIGHT_" + name, {}, into, out);
    else if (const auto* kong = row.doc.kong ? find_named(environment, "KONG_" + name) : nullptr)
      apply(row, {nullptr, *kong}, "KONG_" + name, {}, into, out);
    else if (value != nullptr)
      apply(row, {value, {}}, cat("gateway.", row.doc.name), value->where, into, out);
  }
  reader.finish();
  for (const auto& [name, text] : flags)
    if (std::none_of(std::begin(k_rows), std::end(k_rows),
                     [&](const Row& row) { return row.doc.name == name; }))
      out.push_back({Severity::error, {}, cat("--set ", name), "there is no such setting", ""});
  if (const auto* count = find_named(environment, "KONG_NGINX_WORKER_PROCESSES");
      count != nullptr && into.workers == 0)
    if (const auto expected = store_workers({nullptr, *count}, into); !expected.empty())
      out.push_back({Severity::error,
                     {},
                     "KONG_NGINX_WORKER_PROCESSES",
                     cat("is \"", *count, "\", expected ", expected),
                     ""});
  warn_of_unknown(environment, out);
}

}  // namespace gw::config
