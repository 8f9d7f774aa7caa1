// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "world.hpp"

namespace gw::test {
namespace {

using nlohmann::json;

const json* find(gw_cfg* cfg, const char* pointer) {
  const json::json_pointer at(pointer);
  return cfg->doc->contains(at) ? &cfg->doc->at(at) : nullptr;
}

gw_str keep(gw_cfg* cfg, std::string text) {
  cfg->texts.push_back(std::move(text));
  return to_str(cfg->texts.back());
}

gw_str whole(gw_cfg* cfg) { return keep(cfg, cfg->doc->dump()); }

int32_t kind(gw_cfg* cfg, const char* pointer) {
  const json* v = find(cfg, pointer);
  if (v == nullptr) return GW_J_ABSENT;
  if (v->is_null()) return GW_J_NULL;
  if (v->is_boolean()) return GW_J_BOOL;
  if (v->is_number_integer()) return GW_J_INT;
  if (v->is_number()) return GW_J_FLOAT;
  if (v->is_string()) return GW_J_STRING;
  return v->is_array() ? GW_J_ARRAY : GW_J_OBJECT;
}

uint32_t count(gw_cfg* cfg, const char* pointer) {
  const json* v = find(cfg, pointer);
  return v != nullptr && v->is_structured() ? static_cast<uint32_t>(v->size()) : 0;
}

gw_str member(gw_cfg* cfg, const char* pointer, uint32_t i) {
  const json* v = find(cfg, pointer);
  if (v == nullptr || !v->is_object() || i >= v->size()) return {};
  return keep(cfg, std::next(v->begin(), i).key());
}

gw_str str(gw_cfg* cfg, const char* pointer) {
  const json* v = find(cfg, pointer);
  return v != nullptr && v->is_string() ? to_str(v->get_ref<const std::string&>()) : gw_str{};
}

int64_t i64(gw_cfg* cfg, const char* pointer, int64_t fallback) {
  const json* v = find(cfg, pointer);
  return v != nullptr && v->is_number_integer() ? v->get<int64_t>() : fallback;
}

double f64(gw_cfg* cfg, const char* pointer, double fallback) {
  const json* v = find(cfg, pointer);
  return v != nullptr && v->is_number() ? v->get<double>() : fallback;
}

int32_t boolean(gw_cfg* cfg, const char* pointer, int32_t fallback) {
  const json* v = find(cfg, pointer);
  return v != nullptr && v->is_boolean() ? v->get<bool>() : fallback;
}

gw_hid header_id(gw_cfg* cfg, gw_str name) { return cfg->world->header_id(to_string(name)); }

gw_slot slot_define(gw_cfg* cfg, gw_str name, uint32_t size) {
  auto& slots = cfg->world->slots;
  const auto made = static_cast<gw_slot>(slots.size() + 1);
  const auto& shape =
      slots.try_emplace(to_string(name), world::slot_shape{made, size}).first->second;
  return shape.size == size ? shape.id : 0;
}

bool fits(const std::string& type, const json& v) {
  if (type == "integer") return v.is_number_integer();
  if (type == "number") return v.is_number();
  if (type == "string") return v.is_string();
  if (type == "boolean") return v.is_boolean();
  if (type == "array") return v.is_array();
  if (type == "object") return v.is_object();
  return type == "null" && v.is_null();
}

[[noreturn]] void refuse(const std::string& where, const std::string& text) {
  throw std::runtime_error(where + ": " + text);
}

void check_type(const std::string& where, const json& schema, const json& value) {
  if (!schema.contains("type")) return;
  const json& type = schema["type"];
  if (type.is_string() && fits(type.get<std::string>(), value)) return;
  for (const json& t : type)
    if (type.is_array() && fits(t.get<std::string>(), value)) return;
  refuse(where, "expected " + type.dump() + ", found " + value.dump());
}

void apply_object(const std::string& where, const json& schema, json& value) {
  const json properties = schema.value("properties", json::object());
  for (auto it = value.begin(); it != value.end();) it = it->is_null() ? value.erase(it) : ++it;
  for (const auto& [name, sub] : properties.items())
    if (!value.contains(name) && sub.contains("default")) value[name] = sub["default"];
  for (const json& name : schema.value("required", json::array()))
    if (!value.contains(name.get<std::string>()))
      refuse(where, "required member " + name.dump() + " is missing");
  const json more = schema.value("additionalProperties", json(false));
  for (auto& [name, member] : value.items()) {
    if (properties.contains(name))
      apply_schema(where + "/" + name, properties[name], member);
    else if (more.is_object())
      apply_schema(where + "/" + name, more, member);
    else if (more == false)
      refuse(where, "unknown member \"" + name + "\"");
  }
}

}  // namespace

json parse_schema(const char* text) {
  return text != nullptr ? json::parse(text) : json{{"type", "object"}};
}

void apply_schema(const std::string& where, const json& schema, json& value) {
  check_type(where, schema, value);
  if (schema.contains("enum")) {
    const json& allowed = schema["enum"];
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end())
      refuse(where, value.dump() + " is none of " + allowed.dump());
  }
  if (value.is_number() && value.get<double>() < schema.value("minimum", -1e300))
    refuse(where, value.dump() + " is below the minimum");
  if (value.is_number() && value.get<double>() > schema.value("maximum", 1e300))
    refuse(where, value.dump() + " is above the maximum");
  if (value.is_object() && schema.contains("properties")) apply_object(where, schema, value);
  if (value.is_array() && schema.contains("items"))
    for (size_t i = 0; i < value.size(); ++i)
      apply_schema(where + "/" + std::to_string(i), schema["items"], value[i]);
}

const gw_config_api k_config_api = {sizeof(gw_config_api),
                                    0,
                                    whole,
                                    kind,
                                    count,
                                    member,
                                    str,
                                    i64,
                                    f64,
                                    boolean,
                                    header_id,
                                    slot_define};

}  // namespace gw::test
