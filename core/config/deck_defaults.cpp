// SPDX-License-Identifier: Apache-2.0
#include "config/deck_defaults.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "config/entity_reader.hpp"
#include "config/object_reader.hpp"
#include "config/schema.hpp"

namespace gw::config {

namespace {

// A kind of entity with defaults: where it stands, what only an entity itself can say, and what an
// entity needs beside its defaults to be whole.
struct DeckKind {
  std::string_view name, list;
  std::string_view parents;  // lists whose entities may have it nested
  std::array<std::string_view, 5> own;
  std::string_view needs;  // JSON
};
constexpr std::array<DeckKind, 4> k_kinds{{
    {"service", "services", "", {"id", "name", "url", "routes", "plugins"}, R"({"host":"a"})"},
    {"route", "routes", "services", {"id", "name", "service", "plugins"}, R"({"paths":["/"]})"},
    {"upstream", "upstreams", "", {"id", "name", "targets"}, R"({"name":"a"})"},
    {"target", "targets", "upstreams", {"id", "target", "upstream"}, R"({"target":"a:1"})"},
}};

// What the url of a service says.
constexpr std::array<std::string_view, 4> k_in_url{"protocol", "host", "port", "path"};

bool holds(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Objects are filled member by member, as by decK; everything else is kept as a whole.
void fill(Value& entity, const Value& defaults) {
  const Value* url = entity.find("url");
  const bool has_url = url != nullptr && !url->is(Kind::null);
  for (const Member& member : defaults.members) {
    if (has_url && holds(k_in_url, member.name)) continue;
    Value* mine = entity.find(member.name);
    if (mine == nullptr || mine->is(Kind::null))
      entity.set(member.name, member.value);
    else if (mine->is(Kind::object) && member.value.is(Kind::object))
      fill(*mine, member.value);
  }
}

void fill_list(Value& object, std::string_view list, const Value& defaults) {
  Value* all = object.find(list);
  if (all == nullptr) return;
  for (Value& entity : all->items)
    if (entity.is(Kind::object)) fill(entity, defaults);
}

// As if one entity had nothing but the defaults.
void check_kind(const DeckKind& kind, const Value& defaults, const Place& place,
                std::vector<Diagnostic>& out) {
  for (const Member& member : defaults.members)
    if (holds(kind.own, member.name))
      out.push_back({Severity::error, member.where, place.member(member.name).text(),
                     cat("expected in the ", kind.name, " itself: it cannot be a default"), ""});
  Value sample = defaults;
  std::erase_if(sample.members, [&](const Member& m) { return holds(kind.own, m.name); });
  fill(sample, parse_json(kind.needs).value());
  EntityReader::check(kind.list, sample, place, out);
}

}  // namespace

void apply_deck_defaults(Value& root, std::vector<Diagnostic>& out) {
  const Value* info = root.is(Kind::object) ? root.find("_info") : nullptr;
  const Value* found = info != nullptr && info->is(Kind::object) ? info->find("defaults") : nullptr;
  if (found == nullptr || found->is(Kind::null)) return;
  const Value defaults = *found;
  const Place top("_info");
  const Place place = top.member("defaults");
  const std::size_t before = out.size();
  ObjectReader reader(defaults, place, out);
  for (const DeckKind& kind : k_kinds) {
    const Value* of_kind = reader.take(kind.name);
    if (of_kind == nullptr) continue;
    if (of_kind->is(Kind::object))
      check_kind(kind, *of_kind, place.member(kind.name), out);
    else
      reader.error(*of_kind, kind.name, cat("is ", describe(*of_kind), ", expected an object"));
  }
  reader.finish();
  if (out.size() > before) return;
  for (const DeckKind& kind : k_kinds) {
    const Value* of_kind = defaults.find(kind.name);
    if (of_kind == nullptr || of_kind->is(Kind::null)) continue;
    fill_list(root, kind.list, *of_kind);
    Value* parents = kind.parents.empty() ? nullptr : root.find(kind.parents);
    if (parents == nullptr) continue;
    for (Value& parent : parents->items)
      if (parent.is(Kind::object)) fill_list(parent, kind.list, *of_kind);
  }
}

}  // namespace gw::config
