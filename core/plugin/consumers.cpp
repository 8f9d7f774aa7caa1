// SPDX-License-Identifier: Apache-2.0
#include "plugin/consumers.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "plugin/host.hpp"

namespace gw::plugin {

namespace {

gw_str or_absent(const std::string& text) {
  return text.empty() ? gw_str{nullptr, 0} : to_abi(text);
}

const gw_consumer* look_up(const std::unordered_map<std::string_view, const gw_consumer*>& map,
                           std::string_view key) {
  const auto found = map.find(key);
  return found != map.end() ? found->second : nullptr;
}

}  // namespace

void Consumers::build(const std::vector<const Plugin*>& plugins, const config::Snapshot& snapshot,
                      std::vector<config::Diagnostic>& out, std::set<std::uint32_t>& secret_lines) {
  add_consumers(snapshot);
  std::vector<std::string_view> known;
  for (const Plugin* plugin : plugins) {
    for (const Collection& declared : plugin->collections) {
      known.push_back(declared.name);
      add_collection(declared, snapshot, out, secret_lines);
    }
  }
  for (const auto& [name, entries] : snapshot.entities.credentials) {
    if (collection(name) != nullptr || entries.empty()) continue;
    const auto near = closest(name, known);
    out.push_back({config::Severity::error, entries.front().where, name,
                   cat("\"", name,
                       "\" belongs to no plugin that is loaded; add its plugin to gateway.plugins"),
                   near.empty() ? "" : cat("did you mean \"", near, "\"?")});
  }
}

void Consumers::add_consumers(const config::Snapshot& snapshot) {
  const auto& all = snapshot.entities.consumers;
  consumers_.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    consumers_.push_back({sizeof(gw_consumer), std::uint32_t(i), to_abi(all[i].id),
                          or_absent(all[i].username), or_absent(all[i].custom_id)});
    const gw_consumer* consumer = &consumers_.back();
    by_id_.emplace(all[i].id, consumer);
    if (!all[i].username.empty()) by_username_.emplace(all[i].username, consumer);
    if (!all[i].custom_id.empty()) by_custom_id_.emplace(all[i].custom_id, consumer);
  }
}

void Consumers::add_collection(const Collection& declared, const config::Snapshot& snapshot,
                               std::vector<config::Diagnostic>& out,
                               std::set<std::uint32_t>& secret_lines) {
  auto made = std::make_unique<gw_collection>();
  const auto given = snapshot.entities.credentials.find(declared.name);
  const std::size_t n = given != snapshot.entities.credentials.end() ? given->second.size() : 0;
  made->json.reserve(n);
  made->keys.reserve(n);
  made->entries.reserve(n);
  std::vector<std::size_t> sources;  // of the entries, in the snapshot
  for (std::size_t i = 0; i < n; ++i) {
    const config::Credential& credential = given->second[i];
    const std::string& path = credential.place;
    config::Value fields = credential.fields;
    const bool fits = declared.schema.apply(fields, path, out);
    config::add_secret_lines(fields, secret_lines);
    if (!fits) continue;
    const config::Value* key = declared.key.empty() ? nullptr : fields.find(declared.key);
    made->json.push_back(config::to_json(fields));
    made->keys.push_back(key != nullptr && key->is(config::Kind::string) ? key->string
                                                                         : std::string{});
    const gw_consumer* consumer =
        credential.consumer != config::k_none ? &consumers_[credential.consumer] : nullptr;
    made->entries.push_back({sizeof(gw_credential), 0, to_abi(credential.id), consumer,
                             to_abi(made->keys.back()), to_abi(made->json.back())});
    sources.push_back(i);
    // One without a key is found by none.
    if (declared.key.empty() || made->keys.back().empty()) continue;
    const auto index = std::uint32_t(made->entries.size() - 1);
    const auto [first, added] = made->by_key.emplace(made->keys.back(), index);
    const config::Credential& other = given->second[sources[first->second]];
    // Of the same id: reported when the file was read.
    if (added || other.id == credential.id) continue;
    out.push_back(
        {config::Severity::error, credential.where, cat(path, ".", declared.key),
         cat("uniqueness violation: another entry of ", declared.name, " has the same ",
             declared.key),
         cat("the first is in line ", other.where.line, ", column ", other.where.column)});
  }
  collections_.emplace(declared.name, std::move(made));
}

const gw_consumer* Consumers::find(std::string_view key) const {
  if (const auto* found = look_up(by_id_, key)) return found;
  if (const auto* found = look_up(by_username_, key)) return found;
  return look_up(by_custom_id_, key);
}

bool Consumers::has(const gw_consumer* consumer) const {
  return consumer >= consumers_.data() && consumer < consumers_.data() + consumers_.size();
}

const gw_collection* Consumers::collection(std::string_view name) const {
  const auto found = collections_.find(name);
  return found != collections_.end() ? found->second.get() : nullptr;
}

}  // namespace gw::plugin
