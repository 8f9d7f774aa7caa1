// SPDX-License-Identifier: Apache-2.0
// Plugin options against the plugin's JSON Schema: a subset of 2020-12, checked over Value so that
// each error names its line, with defaults filled in. Keywords outside the subset make compile()
// fail: nothing in a schema is ignored in silence.
//
// Subset: type, properties, required, additionalProperties (bool), items, enum, const, minimum,
// maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength, pattern, minItems, maxItems,
// uniqueItems, minProperties, maxProperties, default, anyOf, oneOf, allOf, dependentRequired,
// propertyNames, title, description, examples, $schema, $id, $comment, deprecated, x-gw-*. Unknown
// members of an object are errors unless additionalProperties is true or a schema.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/diagnostic.hpp"
#include "config/value.hpp"

namespace gw::config {

class Schema {
 public:
  Schema();
  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

  // The error names the pointer into the schema.
  static Result<Schema> compile(std::string_view json);
  // Fills defaults (only where a member is absent; null counts as absent) and reports every error,
  // with `path` before the place inside. Returns whether there were none.
  bool apply(Value& value, const std::string& path, std::vector<Diagnostic>& out) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
};

// The tree of a JSON text, with places. Also used for Kong's .json files.
Result<Value> parse_json(std::string_view text);

}  // namespace gw::config
