// SPDX-License-Identifier: Apache-2.0
#include "config/settings_table.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/kong_settings.hpp"
#include "config/object_reader.hpp"
#include "config/setting_stores.hpp"
#include "config/vault.hpp"

namespace gw::config {

namespace {

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
  // One in the file has been told already.
  const bool reference = given.value == nullptr && is_reference(given.text);
  const std::string expected =
      reference ? "a value: references are resolved in the file only" : row.store(given, into);
  if (expected.empty()) return;
  const Value* at = given.at != nullptr ? given.at : given.value;
  const std::string seen = at != nullptr ? describe(*at) : cat("\"", given.text, "\"");
  out.push_back({Severity::error, at != nullptr && at->where.line > 0 ? at->where : where,
                 std::string(path), cat("is ", seen, ", expected ", expected), ""});
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
                                           "GATEWRIGHT_BINARY", "KONG_DECLARATIVE_CONFIG"};

const Row* find_row(std::string_view name) {
  const auto found = std::find_if(std::begin(k_rows), std::end(k_rows),
                                  [&](const Row& row) { return row.doc.name == name; });
  return found == std::end(k_rows) ? nullptr : found;
}

std::string near_setting(std::string_view name, std::string_view prefix) {
  std::vector<std::string_view> names;
  for (const Row& row : k_rows) names.push_back(row.doc.name);
  const auto near = closest(name, names);
  if (near.empty()) return "";
  return cat("did you mean ", prefix, prefix.empty() ? std::string(near) : upper(near), "?");
}

void check_variable(const std::string& key, const std::string& text, std::vector<Diagnostic>& out) {
  const bool kongs = key.starts_with("KONG_");
  const std::string name = lower(key.substr(kongs ? 5 : 11));
  const Row* row = find_row(name);
  if (row != nullptr && (!kongs || row->doc.kong)) return;
  if (std::find(std::begin(k_reserved), std::end(k_reserved), key) != std::end(k_reserved)) return;
  if (kongs && is_service_link(key)) return;
  if (const auto* known = kongs ? find_kong_setting(name) : nullptr) {
    if (known->same.empty()) check_kong_setting(*known, text, key, {}, out);
    return;
  }
  const auto hint = row != nullptr ? cat("did you mean GATEWRIGHT_", upper(name), "?")
                                   : near_setting(name, "GATEWRIGHT_");
  out.push_back({Severity::warning, {}, key, "is no setting and is ignored", hint});
}

// What stands in the section and is kong.conf's.
void check_section(ObjectReader& reader, std::vector<Diagnostic>& out) {
  for (const Member& member : reader.value().members) {
    if (find_row(member.name) != nullptr) continue;
    const auto* known = find_kong_setting(member.name);
    if (known == nullptr) continue;
    const Value* value = reader.take(member.name);
    if (value == nullptr) continue;
    const std::string path = cat("gateway.", member.name);
    if (!known->same.empty() && reader.has(known->same))
      out.push_back({Severity::error, member.where, path,
                     cat("stands beside ", known->same, ", which is the same setting"),
                     "keep one of them"});
    else if (known->same.empty())
      check_kong_setting(*known, as_text({value, {}, nullptr}), path, member.where, out);
  }
}

// The kernel would spread connections over two sockets of one address.
void check_listeners(const Settings& settings, std::vector<Diagnostic>& out) {
  std::vector<std::pair<const Listen*, std::string_view>> all;
  for (const auto& [list, name] : {std::pair{&settings.proxy_listen, "proxy_listen"},
                                   {&settings.admin_listen, "admin_listen"},
                                   {&settings.status_listen, "status_listen"}})
    for (const Listen& listen : *list) all.emplace_back(&listen, name);
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (all[i].first->port != 0 && all[i].first->port == all[j].first->port &&
          all[i].first->host == all[j].first->host)
        out.push_back({Severity::error,
                       {},
                       cat("gateway.", all[i].second),
                       cat("has the address \"", all[i].first->text, "\", which ", all[j].second,
                           " has already"),
                       "give it another port"});
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
    std::string path = cat("gateway.", row.doc.name);
    const auto alias = kong_alias_of(row.doc.name);
    if (value == nullptr && !alias.empty())
      if (value = reader.take(alias); value != nullptr) path = cat("gateway.", alias);
    const auto from_text = [&](const Named& list, const std::string& key,
                               const std::string& shown) {
      const auto* text = find_named(list, key);
      if (text != nullptr) apply(row, {nullptr, *text, nullptr}, shown, {}, into, out);
      return text != nullptr;
    };
    if (from_text(flags, std::string(row.doc.name), cat("--set ", row.doc.name))) continue;
    if (from_text(environment, "GATEWRIGHT_" + name, "GATEWRIGHT_" + name)) continue;
    if (row.doc.kong && from_text(environment, "KONG_" + name, "KONG_" + name)) continue;
    const std::string kongs = cat("KONG_", upper(alias));
    if (!alias.empty() && from_text(environment, kongs, kongs)) continue;
    if (value != nullptr) apply(row, {value, {}, nullptr}, path, value->where, into, out);
  }
  check_section(reader, out);
  reader.finish();
  for (const auto& [name, text] : flags)
    if (find_row(name) == nullptr)
      out.push_back({Severity::error,
                     {},
                     cat("--set ", name),
                     "there is no such setting",
                     near_setting(name, "")});
  for (const auto& [key, text] : environment) check_variable(key, text, out);
  check_listeners(into, out);
}

}  // namespace gw::config
