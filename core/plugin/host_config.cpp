// SPDX-License-Identifier: Apache-2.0
// gw.config/1 and gw.consumers/1.
#include "plugin/host_config.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "http/header_names.hpp"
#include "plugin/host.hpp"
#include "plugin/slots.hpp"

namespace gw::plugin {

namespace {

using config::Kind;
using config::Value;

// RFC 6901: "~1" is "/", "~0" is "~".
std::string unescape(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    if (escape && (token[i + 1] == '0' || token[i + 1] == '1'))
      out += token[++i] == '1' ? '/' : '~';
    else
      out += token[i];
  }
  return out;
}

const Value* step(const Value& at, std::string_view token) {
  if (at.is(Kind::object)) return at.find(unescape(token));
  if (!at.is(Kind::array)) return nullptr;
  const auto index = to_u64(token);
  return index && *index < at.items.size() ? &at.items[*index] : nullptr;
}

const Value* find(const gw_cfg* cfg, const char* pointer) {
  const Value* at = &cfg->value;
  std::string_view rest(pointer != nullptr ? pointer : "");
  while (at != nullptr && !rest.empty()) {
    if (rest.front() != '/') return nullptr;
    rest.remove_prefix(1);
    const auto token = rest.substr(0, rest.find('/'));
    at = step(*at, token);
    rest.remove_prefix(token.size());
  }
  return at;
}

gw_str json(gw_cfg* cfg) noexcept {
  if (cfg->json.empty()) cfg->json = config::to_json(cfg->value);
  return to_abi(cfg->json);
}

std::int32_t kind(gw_cfg* cfg, const char* pointer) noexcept {
  const Value* value = find(cfg, pointer);
  if (value == nullptr) return GW_J_ABSENT;
  switch (value->kind) {
    case Kind::null:
      return GW_J_NULL;
    case Kind::boolean:
      return GW_J_BOOL;
    case Kind::integer:
      return GW_J_INT;
    case Kind::number:
      return GW_J_FLOAT;
    case Kind::string:
      return GW_J_STRING;
    case Kind::array:
      return GW_J_ARRAY;
    case Kind::object:
      return GW_J_OBJECT;
  }
  return GW_J_ABSENT;
}

std::uint32_t count(gw_cfg* cfg, const char* pointer) noexcept {
  const Value* value = find(cfg, pointer);
  if (value == nullptr) return 0;
  return std::uint32_t(value->is(Kind::array) ? value->items.size() : value->members.size());
}

gw_str member(gw_cfg* cfg, const char* pointer, std::uint32_t i) noexcept {
  const Value* value = find(cfg, pointer);
  if (value == nullptr || i >= value->members.size()) return {nullptr, 0};
  std::vector<std::string_view> names;
  for (const auto& m : value->members) names.push_back(m.name);
  std::nth_element(names.begin(), names.begin() + i, names.end());
  return to_abi(names[i]);
}

gw_str str(gw_cfg* cfg, const char* pointer) noexcept {
  const Value* value = find(cfg, pointer);
  return value != nullptr && value->is(Kind::string) ? to_abi(value->string) : gw_str{nullptr, 0};
}

std::int64_t i64(gw_cfg* cfg, const char* pointer, std::int64_t fallback) noexcept {
  const Value* value = find(cfg, pointer);
  return value != nullptr && value->is(Kind::integer) ? value->integer : fallback;
}

double f64(gw_cfg* cfg, const char* pointer, double fallback) noexcept {
  const Value* value = find(cfg, pointer);
  return value != nullptr && value->is_number() ? value->number : fallback;
}

std::int32_t boolean(gw_cfg* cfg, const char* pointer, std::int32_t fallback) noexcept {
  const Value* value = find(cfg, pointer);
  return value != nullptr && value->is(Kind::boolean) ? value->boolean : fallback;
}

gw_hid header_id(gw_cfg*, gw_str name) noexcept {
  return gw_hid(http::intern_header(from_abi(name)));
}

gw_slot slot_define(gw_cfg*, gw_str name, std::uint32_t size) noexcept {
  return define_slot(from_abi(name), size);
}

// --- consumers ---

const gw_consumer* find_consumer(gw_cfg* cfg, gw_str id_or_name) noexcept {
  return cfg->consumers.find(from_abi(id_or_name));
}

const gw_collection* find_collection(gw_cfg* cfg, gw_str name) noexcept {
  const auto& own = cfg->plugin.collections;
  const bool declared =
      std::any_of(own.begin(), own.end(), [&](const auto& c) { return c.name == from_abi(name); });
  return declared ? cfg->consumers.collection(from_abi(name)) : nullptr;
}

const gw_credential* lookup(const gw_collection* collection, gw_str key) noexcept {
  const auto found = collection->by_key.find(from_abi(key));
  return found != collection->by_key.end() ? &collection->entries[found->second] : nullptr;
}

const gw_credential* at(const gw_collection* collection, std::uint32_t i) noexcept {
  return i < collection->entries.size() ? &collection->entries[i] : nullptr;
}

}  // namespace

const gw_config_api k_config_api{sizeof(gw_config_api),
                                 0,
                                 json,
                                 kind,
                                 count,
                                 member,
                                 str,
                                 i64,
                                 f64,
                                 boolean,
                                 header_id,
                                 slot_define};

const gw_consumers_api k_consumers_api{sizeof(gw_consumers_api), 0,      find_consumer,
                                       find_collection,          lookup, at};

}  // namespace gw::plugin
