// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include "config/readers.hpp"
#include "config/schema_compile.hpp"
#include "config/schema_node.hpp"

namespace gw::config {

Schema::Schema() = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

Result<Schema> Schema::compile(std::string_view json) {
  auto tree = parse_json(json);
  if (!tree.ok()) return tree.error();
  SchemaCompiler compiler(tree.value());
  auto root = compiler.run();
  if (!root.ok()) return root.error();
  Schema schema;
  schema.nodes_ = compiler.take_nodes();
  schema.root_ = root.value();
  return schema;
}

bool Schema::apply(Value& value, const std::string& path, std::vector<Diagnostic>& out) const {
  return root_ == nullptr || root_->apply(value, Place{path}, out);
}

}  // namespace gw::config
