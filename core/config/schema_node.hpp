// SPDX-License-Identifier: Apache-2.0
// One subschema of a plugin's schema, compiled. Internal to Schema, which owns all nodes; a node
// points to others, also in circles (`$ref`). Immutable once compiled.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/place.hpp"
#include "config/schema.hpp"

namespace gw::config {

// What of an object or array the subschemas of one place have looked at (2020-12's annotations).
struct Evaluated {
  std::set<std::string, std::less<>> members;
  std::set<std::size_t> items;
  bool all_members = false;
  bool all_items = false;

  void merge(Evaluated&& other);
};

struct Schema::Node {
  using Nodes = std::vector<const Node*>;
  template <class T>
  using Named = std::vector<std::pair<std::string, T>>;

  std::optional<bool> constant;               // true: anything; false: nothing
  std::vector<Kind> types;                    // empty: any; number covers integer
  std::optional<std::vector<Value>> allowed;  // enum, const
  std::optional<Value> fallback;

  Named<const Node*> properties;
  std::vector<std::pair<std::unique_ptr<RE2>, const Node*>> patterns;  // patternProperties
  const Node* additional = nullptr;   // of members that neither names
  const Node* unevaluated = nullptr;  // of members that nothing here has looked at
  const Node* names = nullptr;
  std::vector<std::string> required;
  Named<std::vector<std::string>> dependent;
  Named<const Node*> dependent_schemas;
  std::optional<std::int64_t> min_members, max_members;

  Nodes prefix;
  const Node* items = nullptr;
  const Node* unevaluated_items = nullptr;
  const Node* contains = nullptr;
  std::optional<std::int64_t> min_contains, max_contains, min_items, max_items;
  bool unique = false;
  bool secret = false;  // x-gw-secret: what stands here is never shown

  std::optional<double> minimum, maximum, above, below, multiple;
  std::optional<std::int64_t> min_length, max_length;
  std::unique_ptr<RE2> pattern;

  // In the same place as this one.
  Nodes all_of, any_of, one_of;
  const Node* reference = nullptr;
  const Node* negated = nullptr;
  const Node* condition = nullptr;
  const Node* consequence = nullptr;
  const Node* alternative = nullptr;

  // It, or one in its place, says something of objects: then members that none of them has looked
  // at are unknown fields.
  bool of_objects = false;
  // null is a value for it, and does not count as absent.
  bool takes_null = false;

  // All that look at the same place.
  Nodes in_place() const;
  const Value* default_value() const;

  // Checks a value as a whole and fills in defaults. Returns whether it fits.
  bool apply(Value& value, const Place& place, std::vector<Diagnostic>& out) const;

 private:
  using Faults = std::vector<Diagnostic>;
  bool apply_here(Value& value, const Place& place, Faults& out, Evaluated& seen) const;
  bool apply_scalar(const Value& value, const Place& place, Faults& out) const;
  bool apply_number(const Value& value, const Place& place, Faults& out) const;
  bool apply_object(Value& value, const Place& place, Faults& out, Evaluated& seen) const;
  bool apply_member(Member& member, const Place& place, Faults& out, Evaluated& seen) const;
  void fill_defaults(Value& value) const;
  bool check_members(const Value& value, const Place& place, Faults& out) const;
  bool apply_array(Value& value, const Place& place, Faults& out, Evaluated& seen) const;
  bool apply_contains(const Value& value, const Place& place, Faults& out, Evaluated& seen) const;
  bool apply_in_place(Value& value, const Place& place, Faults& out, Evaluated& seen) const;
  bool apply_choice(const Nodes& nodes, bool one, Value& value, const Place& place, Faults& out,
                    Evaluated& seen) const;
  bool apply_unevaluated(Value& value, const Place& place, Faults& out, Evaluated& seen) const;
  bool report_unknown(const Value& value, const Place& place, Faults& out,
                      const Evaluated& seen) const;
  void coerce(Value& value) const;
  bool is_secret() const { return secret || (reference != nullptr && reference->is_secret()); }
  // Whether its type and enumeration let the value in.
  bool lets_in(const Value& value) const;
  std::string expected() const;
  void add_known(std::vector<std::string_view>& names, int depth) const;
};

}  // namespace gw::config
