// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "world.hpp"

namespace gw::test {
namespace {

using nlohmann::json;

const gw_consumer* find(gw_cfg* cfg, gw_str id_or_name) {
  return cfg->world->find_consumer(to_string(id_or_name));
}

const gw_collection* collection(gw_cfg* cfg, gw_str name) {
  return cfg->world->collection(*cfg->plugin, to_string(name));
}

const gw_credential* lookup(const gw_collection* c, gw_str key) {
  const auto it = c->by_key.find(to_string(key));
  return it == c->by_key.end() ? nullptr : it->second;
}

const gw_credential* at(const gw_collection* c, uint32_t i) {
  return i < c->entries.size() ? &c->entries[i] : nullptr;
}

void add_entry(world& w, gw_collection& to, const gw_collection_desc& desc,
               const pending_credential& from) {
  json entry = json::parse(from.json);
  apply_schema(from.collection + "/" + from.id, parse_schema(desc.schema), entry);
  const auto keep = [&to](std::string text) {
    to.texts.push_back(std::move(text));
    return to_str(to.texts.back());
  };
  gw_credential c{};
  c.size = sizeof c;
  c.id = keep(from.id);
  c.consumer = w.find_consumer(from.consumer_id);
  c.key = desc.key[0] == '\0' ? gw_str{} : keep(entry.value(desc.key, ""));
  c.json = keep(entry.dump());
  to.entries.push_back(c);
  if (c.key.p == nullptr) return;
  if (!to.by_key.emplace(to_string(c.key), &to.entries.back()).second)
    throw std::runtime_error(from.collection + ": the key \"" + to_string(c.key) +
                             "\" is not unique");
}

}  // namespace

gw_consumer* world::find_consumer(const std::string& id_or_name) {
  for (gw_str gw_consumer::*field :
       {&gw_consumer::id, &gw_consumer::username, &gw_consumer::custom_id})
    for (gw_consumer& c : consumers)
      if ((c.*field).p != nullptr && to_string(c.*field) == id_or_name) return &c;
  return nullptr;
}

gw_collection* world::collection(const gw_plugin_desc& plugin, const std::string& name) {
  const gw_collection_desc* desc = nullptr;
  for (uint32_t i = 0; i < plugin.ncollections; ++i)
    if (name == plugin.collections[i]->name) desc = plugin.collections[i];
  if (desc == nullptr) return nullptr;
  auto& made = collections[name];
  if (made != nullptr) return made.get();
  auto fresh = std::make_unique<gw_collection>();
  for (const pending_credential& c : credentials)
    if (c.collection == name) add_entry(*this, *fresh, *desc, c);
  made = std::move(fresh);
  return made.get();
}

const gw_consumers_api k_consumers_api = {
    sizeof(gw_consumers_api), 0, find, collection, lookup, at};

}  // namespace gw::test
