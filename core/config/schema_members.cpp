// SPDX-License-Identifier: Apache-2.0
// Objects and arrays against a node: what holds other values.
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "config/schema_faults.hpp"
#include "config/schema_node.hpp"

namespace gw::config {

// --- objects ---

// Only where a member is absent; null counts as absent where it is no value.
void Schema::Node::fill_defaults(Value& value) const {
  for (const auto& [name, node] : properties) {
    const Value* member = value.find(name);
    if (member != nullptr && member->is(Kind::null) && !node->takes_null) {
      // clang 14 captures no structured binding.
      std::erase_if(value.members, [&wanted = name](const Member& m) { return m.name == wanted; });
      member = nullptr;
    }
    const Value* given = member == nullptr ? node->default_value() : nullptr;
    if (given == nullptr) continue;
    Value filled = *given;
    filled.where = value.where;
    value.set(name, std::move(filled));
  }
}

bool Schema::Node::apply_member(Member& member, const Place& place, Faults& out,
                                Evaluated& seen) const {
  bool fine = true;
  const Place at = place.member(member.name);
  if (names != nullptr) {
    Value name = Value::make_string(member.name, member.where);
    fine = names->apply(name, at, out) && fine;
  }
  bool known = false;
  for (const auto& [name, node] : properties) {
    if (name != member.name) continue;
    known = true;
    fine = node->apply(member.value, at, out) && fine;
  }
  for (const auto& [regex, node] : patterns) {
    if (!RE2::PartialMatch(member.name, *regex)) continue;
    known = true;
    fine = node->apply(member.value, at, out) && fine;
  }
  // `false` is told as what it means: an unknown field.
  const bool closed = additional != nullptr && additional->constant && !*additional->constant;
  if (!known && additional != nullptr && !closed) {
    known = true;
    fine = additional->apply(member.value, at, out) && fine;
  }
  if (known) seen.members.insert(member.name);
  // Beside secrets, a name that nobody knows may be one of theirs, misspelt.
  if (!known && std::any_of(properties.begin(), properties.end(),
                            [](const auto& property) { return property.second->is_secret(); }))
    mark_secret(member.value);
  return fine;
}

bool Schema::Node::apply_object(Value& value, const Place& place, Faults& out,
                                Evaluated& seen) const {
  fill_defaults(value);
  bool fine = true;
  for (Member& member : value.members) fine = apply_member(member, place, out, seen) && fine;
  const bool closed = additional != nullptr && additional->constant && !*additional->constant;
  if (additional != nullptr && !closed) seen.all_members = true;
  if (closed) {
    Evaluated mine;
    mine.members = seen.members;
    fine = report_unknown(value, place, out, mine) && fine;
    // Told once, here.
    for (const Member& member : value.members) seen.members.insert(member.name);
  }
  return check_members(value, place, out) && fine;
}

bool Schema::Node::check_members(const Value& value, const Place& place, Faults& out) const {
  bool fine = true;
  for (const auto& name : required)
    if (value.find(name) == nullptr)
      fine = fault(out, value.where, place.member(name), "is required, and missing");
  for (const auto& [name, needs] : dependent) {
    if (value.find(name) == nullptr) continue;
    for (const auto& need : needs)
      if (value.find(need) == nullptr)
        fine = fault(out, value.where, place.member(need),
                     cat("is required with ", name, ", and missing"));
  }
  const auto count = std::int64_t(value.members.size());
  if (min_members && count < *min_members)
    fine = fault(out, value.where, place,
                 cat("has ", count, " members, expected at least ", *min_members));
  if (max_members && count > *max_members)
    fine = fault(out, value.where, place,
                 cat("has ", count, " members, expected at most ", *max_members));
  return fine;
}

void Schema::Node::add_known(std::vector<std::string_view>& known, int depth) const {
  constexpr int k_deepest = 16;
  if (depth > k_deepest) return;
  for (const auto& [name, node] : properties) known.push_back(name);
  for (const Node* node : in_place()) node->add_known(known, depth + 1);
}

bool Schema::Node::report_unknown(const Value& value, const Place& place, Faults& out,
                                  const Evaluated& seen) const {
  if (seen.all_members) return true;
  std::vector<std::string_view> known;
  bool fine = true;
  for (const Member& member : value.members) {
    if (seen.members.contains(member.name)) continue;
    if (known.empty()) add_known(known, 0);
    fine = fault(out, member.where, place.member(member.name), "unknown field",
                 did_you_mean(member.name, known));
  }
  return fine;
}

// --- arrays ---

bool Schema::Node::apply_array(Value& value, const Place& place, Faults& out,
                               Evaluated& seen) const {
  bool fine = true;
  const auto count = std::int64_t(value.items.size());
  if (min_items && count < *min_items)
    fine = fault(out, value.where, place,
                 cat("has ", count, " elements, expected at least ", *min_items));
  if (max_items && count > *max_items)
    fine = fault(out, value.where, place,
                 cat("has ", count, " elements, expected at most ", *max_items));
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const Node* node = i < prefix.size() ? prefix[i] : items;
    if (node == nullptr) continue;
    seen.items.insert(i);
    fine = node->apply(value.items[i], place.item(i), out) && fine;
  }
  if (items != nullptr) seen.all_items = true;
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; unique && i < value.items.size(); ++i)
    if (!first.emplace(canonical(value.items[i]), i).second)
      fine = fault(out, value.items[i].where, place.item(i),
                   cat("is ", describe(value.items[i]), " a second time"));
  return apply_contains(value, place, out, seen) && fine;
}

bool Schema::Node::apply_contains(const Value& value, const Place& place, Faults& out,
                                  Evaluated& seen) const {
  if (contains == nullptr) return true;
  std::int64_t fitting = 0;
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    Value copy = value.items[i];
    Faults unused;
    if (!contains->apply(copy, place.item(i), unused)) continue;
    ++fitting;
    seen.items.insert(i);
  }
  const std::int64_t least = min_contains.value_or(1);
  if (fitting < least)
    return fault(
        out, value.where, place,
        cat("has ", fitting, " elements of the kind that it must have, expected at least ", least));
  if (max_contains && fitting > *max_contains)
    return fault(out, value.where, place,
                 cat("has ", fitting, " elements of a kind of which it may have ", *max_contains));
  return true;
}

// --- what is left ---

bool Schema::Node::apply_unevaluated(Value& value, const Place& place, Faults& out,
                                     Evaluated& seen) const {
  bool fine = true;
  if (unevaluated != nullptr && value.is(Kind::object) && !seen.all_members) {
    const bool closed = unevaluated->constant && !*unevaluated->constant;
    if (closed) fine = report_unknown(value, place, out, seen);
    for (Member& member : value.members)
      if (!closed && !seen.members.contains(member.name))
        fine = unevaluated->apply(member.value, place.member(member.name), out) && fine;
    seen.all_members = true;
  }
  if (unevaluated_items != nullptr && value.is(Kind::array) && !seen.all_items) {
    for (std::size_t i = 0; i < value.items.size(); ++i)
      if (!seen.items.contains(i))
        fine = unevaluated_items->apply(value.items[i], place.item(i), out) && fine;
    seen.all_items = true;
  }
  return fine;
}

}  // namespace gw::config
