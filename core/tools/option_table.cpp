// SPDX-License-Identifier: Apache-2.0
#include "tools/option_table.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/schema.hpp"

namespace gw::tools {

using config::Kind;
using config::Value;

namespace {

std::string text_of(const Value& node, std::string_view member) {
  const Value* found = node.find(member);
  return found != nullptr && found->is(Kind::string) ? found->string : "";
}

std::string type_of(const Value& node) {
  const std::string type = text_of(node, "type");
  const Value* inner = node.find(type == "array" ? "items" : "additionalProperties");
  if ((type != "array" && type != "object") || inner == nullptr || !inner->is(Kind::object))
    return type;
  const std::string of = text_of(*inner, "type");
  return of.empty() ? type : cat(type, " of ", of, "s");
}

// JSON with a blank behind commas.
std::string default_of(const Value& node) {
  const Value* value = node.find("default");
  if (value == nullptr) return "";
  const std::string json = config::to_json(*value);
  if (!value->is(Kind::array) && !value->is(Kind::object)) return cat("`", json, "` ");
  std::string out;
  bool quoted = false;
  for (const char c : json) {
    quoted ^= c == '"';
    out += c;
    if (c == ',' && !quoted) out += ' ';
  }
  return cat("`", out, "` ");
}

void add_rows(const Value& node, const std::string& prefix, std::vector<std::string>& out) {
  const Value* properties = node.find("properties");
  if (properties == nullptr) return;
  for (const auto& member : properties->members) {
    out.push_back(cat("| `", prefix, member.name, "` | ", type_of(member.value), " | ",
                      default_of(member.value), "| ", text_of(member.value, "description"), " |"));
    add_rows(member.value, cat(prefix, member.name, "."), out);
  }
}

// The rows of the table whose head begins with "| Option |".
std::vector<std::string> rows_in(std::string_view readme) {
  std::vector<std::string> out;
  bool inside = false;
  while (!readme.empty()) {
    const auto line = readme.substr(0, readme.find('\n'));
    readme.remove_prefix(std::min(readme.size(), line.size() + 1));
    if (line.starts_with("| Option |")) inside = true;
    if (!line.starts_with('|')) inside = false;
    if (inside && line.starts_with("| `")) out.emplace_back(line);
  }
  return out;
}

}  // namespace

Result<std::vector<std::string>> option_rows(std::string_view schema) {
  if (auto compiled = config::Schema::compile(schema); !compiled.ok()) return compiled.error();
  auto tree = config::parse_json(schema);
  if (!tree.ok()) return tree.error();
  std::vector<std::string> out;
  add_rows(tree.value(), "", out);
  return out;
}

std::vector<std::string> table_faults(const std::vector<std::string>& rows,
                                      std::string_view readme) {
  std::vector<std::string> out;
  const auto given = rows_in(readme);
  const auto has = [](const std::vector<std::string>& list, const std::string& row) {
    return std::find(list.begin(), list.end(), row) != list.end();
  };
  for (const auto& row : rows)
    if (!has(given, row)) out.push_back(cat("the README has no row: ", row));
  for (const auto& row : given)
    if (!has(rows, row))
      out.push_back(cat("the schema does not make this row of the README: ", row));
  return out;
}

}  // namespace gw::tools
