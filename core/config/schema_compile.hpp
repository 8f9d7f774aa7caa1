// SPDX-License-Identifier: Apache-2.0
// SchemaCompiler: a plugin's JSON Schema into nodes. Everything that is malformed, unknown or
// outside of the subset fails; nothing in a schema is ignored in silence. Used once.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config/schema_node.hpp"

namespace gw::config {

class SchemaCompiler {
 public:
  explicit SchemaCompiler(const Value& root) : root_(root) {}

  // The root node, or what is wrong with the first keyword that is, by its JSON pointer.
  Result<const Schema::Node*> run();
  std::vector<std::unique_ptr<Schema::Node>> take_nodes() { return std::move(nodes_); }

 private:
  using Node = Schema::Node;

  void find_anchors(const Value& schema, const std::string& pointer);
  const Node* compile(const Value& schema, const std::string& pointer);
  void read(Node& node, const std::string& keyword, const Value& value, const std::string& pointer);
  bool read_bound(Node& node, const std::string& keyword, const Value& value,
                  const std::string& pointer);
  bool read_child(Node& node, const std::string& keyword, const Value& value,
                  const std::string& pointer);
  bool read_named(Node& node, const std::string& keyword, const Value& value,
                  const std::string& pointer);
  bool read_annotation(const std::string& keyword, const Value& value, const std::string& pointer);
  void read_types(Node& node, const Value& value, const std::string& pointer);
  std::unique_ptr<RE2> regex(const Value& value, const std::string& pointer);
  std::vector<std::string> strings(const Value& value, const std::string& pointer);
  const Node* resolve(const Value& value, const std::string& pointer);
  bool expect(const Value& value, Kind kind, const std::string& pointer);

  void finish();
  void refuse_endless(const Node& node, std::vector<const Node*>& path);
  void check_default(const Node& node);
  void fail(const std::string& pointer, std::string_view what);

  const Value& root_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::map<std::string, Node*> known_;           // by pointer
  std::map<const Node*, std::string> pointers_;  // back
  std::map<std::string, std::string> anchors_;   // name to pointer
  std::set<const Node*> ended_;                  // those that do not refer to themselves
  std::string error_;                            // the first
};

}  // namespace gw::config
