// SPDX-License-Identifier: Apache-2.0
// Plugin options against the plugin's JSON Schema: 2020-12 but for $dynamicRef, $vocabulary and
// references that lead out of the schema. Checked over Value, so that each error names its line,
// with defaults filled in. What is malformed or not supported makes compile() fail: nothing in a
// schema is ignored in silence. `format` and the content keywords are annotations, as in 2020-12.
//
// Stricter than the standard in one thing: members of an object that no keyword has looked at
// (also none behind allOf, anyOf, oneOf, if or $ref) are unknown fields, unless the schema says
// additionalProperties or unevaluatedProperties itself.
//
// Our own, because what is to be had (valijson) knows drafts up to 7, fills in no defaults, and
// reports pointers into a document of its own, without lines.
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

  // The error names the JSON pointer into the schema.
  static Result<Schema> compile(std::string_view json);
  // Fills defaults (only where a member is absent; null counts as absent) and reports every error,
  // with `path` before the place inside. Returns whether there were none.
  bool apply(Value& value, const std::string& path, std::vector<Diagnostic>& out) const;

  struct Node;  // schema_node.hpp

 private:
  std::vector<std::unique_ptr<Node>> nodes_;
  const Node* root_ = nullptr;
};

// The tree of a JSON text, with places. Also used for Kong's .json files.
Result<Value> parse_json(std::string_view text);

}  // namespace gw::config
