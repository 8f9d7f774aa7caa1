// SPDX-License-Identifier: Apache-2.0
#include "config/schema_compile.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace gw::config {

namespace {

constexpr std::array<std::pair<std::string_view, Kind>, 7> k_types{{{"null", Kind::null},
                                                                    {"boolean", Kind::boolean},
                                                                    {"integer", Kind::integer},
                                                                    {"number", Kind::number},
                                                                    {"string", Kind::string},
                                                                    {"array", Kind::array},
                                                                    {"object", Kind::object}}};

constexpr std::pair<std::string_view, Kind> k_annotations[] = {{"title", Kind::string},
                                                               {"description", Kind::string},
                                                               {"$comment", Kind::string},
                                                               {"$anchor", Kind::string},
                                                               {"format", Kind::string},
                                                               {"contentEncoding", Kind::string},
                                                               {"contentMediaType", Kind::string},
                                                               {"examples", Kind::array},
                                                               {"deprecated", Kind::boolean},
                                                               {"readOnly", Kind::boolean},
                                                               {"writeOnly", Kind::boolean}};

constexpr std::string_view k_dialect = "https://json-schema.org/draft/2020-12/schema";

std::string token(std::string_view name) {
  std::string out;
  for (const char c : name) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

// Percent escapes of a URI's fragment.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr ==
            text.data() + i + 3) {
      out += char(code);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

void SchemaCompiler::fail(const std::string& pointer, std::string_view what) {
  if (error_.empty()) error_ = cat("at ", pointer.empty() ? "/" : pointer, ": ", what);
}

bool SchemaCompiler::expect(const Value& value, Kind kind, const std::string& pointer) {
  const bool fits = value.is(kind) || (kind == Kind::number && value.is_number());
  if (fits) return true;
  std::string_view name;
  for (const auto& [text, k] : k_types)
    if (k == kind) name = text;
  fail(pointer, cat("is ", describe(value), ", expected ",
                    kind == Kind::array || kind == Kind::object ? "an " : "a ", name));
  return false;
}

Result<const Schema::Node*> SchemaCompiler::run() {
  find_anchors(root_, "");
  const Node* root = compile(root_, "");
  if (error_.empty()) finish();
  if (!error_.empty()) return Error{error_};
  return root;
}

void SchemaCompiler::find_anchors(const Value& schema, const std::string& pointer) {
  for (std::size_t i = 0; i < schema.items.size(); ++i)
    find_anchors(schema.items[i], cat(pointer, "/", i));
  for (const Member& member : schema.members) {
    if (member.name == "$anchor" && member.value.is(Kind::string) &&
        !anchors_.emplace(member.value.string, pointer).second)
      fail(cat(pointer, "/$anchor"), "stands twice in this schema");
    find_anchors(member.value, cat(pointer, "/", token(member.name)));
  }
}

const Schema::Node* SchemaCompiler::compile(const Value& schema, const std::string& pointer) {
  const auto [known, added] = known_.emplace(pointer, nullptr);
  if (!added) return known->second;
  Node& node = *nodes_.emplace_back(std::make_unique<Node>());
  known->second = &node;
  pointers_[&node] = pointer;
  if (schema.is(Kind::boolean))
    node.constant = schema.boolean;
  else if (!schema.is(Kind::object))
    fail(pointer, "a schema is an object or a boolean");
  for (const Member& member : schema.members)
    read(node, member.name, member.value, cat(pointer, "/", token(member.name)));
  return &node;
}

void SchemaCompiler::read(Node& node, const std::string& keyword, const Value& value,
                          const std::string& pointer) {
  if (read_bound(node, keyword, value, pointer) || read_child(node, keyword, value, pointer) ||
      read_named(node, keyword, value, pointer) || read_annotation(keyword, value, pointer))
    return;
  if (keyword == "type") {
    read_types(node, value, pointer);
  } else if (keyword == "enum") {
    if (expect(value, Kind::array, pointer)) node.allowed = value.items;
    if (value.items.empty()) fail(pointer, "is empty, expected values");
  } else if (keyword == "const") {
    node.allowed = {value};
  } else if (keyword == "default") {
    node.fallback = value;
  } else if (keyword == "pattern") {
    node.pattern = regex(value, pointer);
  } else if (keyword == "required") {
    node.required = strings(value, pointer);
  } else if (keyword == "uniqueItems") {
    if (expect(value, Kind::boolean, pointer)) node.unique = value.boolean;
  } else if (keyword == "x-gw-secret") {
    if (expect(value, Kind::boolean, pointer)) node.secret = value.boolean;
  } else if (keyword == "$ref") {
    node.reference = resolve(value, pointer);
  } else {
    fail(pointer, "this keyword is not supported");
  }
}

void SchemaCompiler::read_types(Node& node, const Value& value, const std::string& pointer) {
  if (!value.is(Kind::string) && (!value.is(Kind::array) || value.items.empty()))
    return fail(pointer, "expected the name of a type, or several in an array");
  const std::vector<Value> one{value};
  for (const Value& item : value.is(Kind::array) ? value.items : one) {
    const auto known = std::find_if(k_types.begin(), k_types.end(),
                                    [&](const auto& t) { return t.first == item.string; });
    if (known == k_types.end()) return fail(pointer, cat(describe(item), " is no type"));
    node.types.push_back(known->second);
  }
}

bool SchemaCompiler::read_bound(Node& node, const std::string& keyword, const Value& value,
                                const std::string& pointer) {
  const std::pair<std::string_view, std::optional<double>*> numbers[] = {
      {"minimum", &node.minimum},
      {"maximum", &node.maximum},
      {"exclusiveMinimum", &node.above},
      {"exclusiveMaximum", &node.below},
      {"multipleOf", &node.multiple}};
  for (const auto& [name, into] : numbers) {
    if (keyword != name) continue;
    if (expect(value, Kind::number, pointer)) *into = value.number;
    if (keyword == "multipleOf" && value.number <= 0) fail(pointer, "expected a number above 0");
    return true;
  }
  const std::pair<std::string_view, std::optional<std::int64_t>*> counts[] = {
      {"minLength", &node.min_length},      {"maxLength", &node.max_length},
      {"minItems", &node.min_items},        {"maxItems", &node.max_items},
      {"minProperties", &node.min_members}, {"maxProperties", &node.max_members},
      {"minContains", &node.min_contains},  {"maxContains", &node.max_contains}};
  for (const auto& [name, into] : counts) {
    if (keyword != name) continue;
    *into = whole_number(value);
    if (!*into || **into < 0)
      fail(pointer, cat("is ", describe(value), ", expected a whole number that is not negative"));
    return true;
  }
  return false;
}

bool SchemaCompiler::read_child(Node& node, const std::string& keyword, const Value& value,
                                const std::string& pointer) {
  const std::pair<std::string_view, const Node**> children[] = {
      {"additionalProperties", &node.additional},
      {"unevaluatedProperties", &node.unevaluated},
      {"propertyNames", &node.names},
      {"items", &node.items},
      {"unevaluatedItems", &node.unevaluated_items},
      {"contains", &node.contains},
      {"not", &node.negated},
      {"if", &node.condition},
      {"then", &node.consequence},
      {"else", &node.alternative}};
  for (const auto& [name, into] : children)
    if (keyword == name) return *into = compile(value, pointer), true;
  const std::pair<std::string_view, Node::Nodes*> lists[] = {{"allOf", &node.all_of},
                                                             {"anyOf", &node.any_of},
                                                             {"oneOf", &node.one_of},
                                                             {"prefixItems", &node.prefix}};
  for (const auto& [name, into] : lists) {
    if (keyword != name) continue;
    if (expect(value, Kind::array, pointer) && value.items.empty())
      fail(pointer, "is empty, expected schemas");
    for (std::size_t i = 0; i < value.items.size(); ++i)
      into->push_back(compile(value.items[i], cat(pointer, "/", i)));
    return true;
  }
  return false;
}

bool SchemaCompiler::read_named(Node& node, const std::string& keyword, const Value& value,
                                const std::string& pointer) {
  const bool mine = keyword == "properties" || keyword == "patternProperties" ||
                    keyword == "dependentSchemas" || keyword == "dependentRequired" ||
                    keyword == "$defs";
  if (!mine) return false;
  if (!expect(value, Kind::object, pointer)) return true;
  for (const Member& member : value.members) {
    const std::string at = cat(pointer, "/", token(member.name));
    if (keyword == "dependentRequired") {
      node.dependent.emplace_back(member.name, strings(member.value, at));
      continue;
    }
    const Node* child = compile(member.value, at);
    if (keyword == "properties") node.properties.emplace_back(member.name, child);
    if (keyword == "dependentSchemas") node.dependent_schemas.emplace_back(member.name, child);
    if (keyword == "patternProperties")
      node.patterns.emplace_back(regex(Value::make_string(member.name), at), child);
  }
  return true;
}

bool SchemaCompiler::read_annotation(const std::string& keyword, const Value& value,
                                     const std::string& pointer) {
  if (keyword.starts_with("x-gw-") && keyword != "x-gw-secret") return true;
  if (keyword == "$schema") {
    const auto text = std::string_view(value.string).substr(0, value.string.find('#'));
    if (text != k_dialect) fail(pointer, cat("expected ", k_dialect));
    return true;
  }
  if (keyword == "$id") {
    if (pointer != "/$id") fail(pointer, "only the whole schema may have an $id");
    return expect(value, Kind::string, pointer), true;
  }
  for (const auto& [name, kind] : k_annotations)
    if (keyword == name) return expect(value, kind, pointer), true;
  return false;
}

std::unique_ptr<RE2> SchemaCompiler::regex(const Value& value, const std::string& pointer) {
  if (!expect(value, Kind::string, pointer)) return nullptr;
  auto made = std::make_unique<RE2>(value.string, RE2::Quiet);
  if (!made->ok()) fail(pointer, made->error());
  return made;
}

std::vector<std::string> SchemaCompiler::strings(const Value& value, const std::string& pointer) {
  std::vector<std::string> out;
  if (!expect(value, Kind::array, pointer)) return out;
  for (const Value& item : value.items) {
    if (!expect(item, Kind::string, pointer)) continue;
    if (std::find(out.begin(), out.end(), item.string) != out.end())
      fail(pointer, cat(describe(item), " stands twice"));
    out.push_back(item.string);
  }
  return out;
}

// "#", "#/a/pointer" or "#anchor".
const Schema::Node* SchemaCompiler::resolve(const Value& value, const std::string& pointer) {
  if (!expect(value, Kind::string, pointer)) return nullptr;
  if (!value.string.starts_with('#')) {
    fail(pointer, cat(describe(value), " leads out of this schema, which is not supported"));
    return nullptr;
  }
  std::string target = decoded(std::string_view(value.string).substr(1));
  if (const auto anchor = anchors_.find(target); anchor != anchors_.end()) target = anchor->second;
  const Value* at = &root_;
  if (!target.empty() && target[0] != '/') at = nullptr;
  for (std::string_view rest = target; at != nullptr && !rest.empty();) {
    rest.remove_prefix(1);
    const auto part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(part.size());
    const Value* next = nullptr;
    for (const Member& member : at->members)
      if (token(member.name) == part) next = &member.value;
    const auto index = to_u64(part);
    if (at->is(Kind::array) && index && *index < at->items.size()) next = &at->items[*index];
    at = next;
  }
  if (at != nullptr) return compile(*at, target);
  fail(pointer, cat(describe(value), " leads nowhere"));
  return nullptr;
}

// --- what needs all nodes ---

void SchemaCompiler::refuse_endless(const Node& node, std::vector<const Node*>& path) {
  if (ended_.contains(&node)) return;
  if (std::find(path.begin(), path.end(), &node) != path.end())
    return fail(pointers_[&node], "refers to itself without end");
  path.push_back(&node);
  for (const Node* other : node.in_place()) refuse_endless(*other, path);
  path.pop_back();
  ended_.insert(&node);
}

void SchemaCompiler::check_default(const Node& node) {
  if (!node.fallback) return;
  Value value = *node.fallback;
  std::vector<Diagnostic> faults;
  node.apply(value, Place{""}, faults);
  if (faults.empty()) return;
  const auto& first = faults.front();
  fail(cat(pointers_[&node], "/default"), cat("does not fit its own schema: ", first.path,
                                              first.path.empty() ? "" : " ", first.message));
}

void SchemaCompiler::finish() {
  std::vector<const Node*> path;
  for (const auto& node : nodes_) refuse_endless(*node, path);
  if (!error_.empty()) return;
  // Nodes say something of objects if one in their place does: as many rounds as it takes.
  for (bool changed = true; changed;) {
    changed = false;
    for (auto& node : nodes_) {
      bool says =
          !node->properties.empty() || !node->patterns.empty() || node->additional ||
          node->unevaluated || !node->required.empty() || !node->dependent.empty() ||
          std::find(node->types.begin(), node->types.end(), Kind::object) != node->types.end();
      for (const Node* other : node->in_place())
        says = says || (other != node->negated && other->of_objects);
      changed = changed || says != node->of_objects;
      node->of_objects = says;
    }
  }
  for (auto& node : nodes_) {
    Value nothing;
    std::vector<Diagnostic> faults;
    node->takes_null = node->apply(nothing, Place{""}, faults);
  }
  for (const auto& node : nodes_) check_default(*node);
}

}  // namespace gw::config
