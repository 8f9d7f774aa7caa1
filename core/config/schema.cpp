// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "config/readers.hpp"

namespace gw::config {

// One subschema.
struct Schema::Node {
  std::optional<bool> constant;  // true: anything; false: nothing
  std::vector<Kind> types;       // empty: any; number covers integer
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> properties;
  std::vector<std::string> required;
  std::unique_ptr<Node> additional;  // null: no further members
  std::unique_ptr<Node> items, names;
  std::vector<Value> allowed;  // enum, const
  std::vector<std::unique_ptr<Node>> any_of, one_of, all_of;
  std::vector<std::pair<std::string, std::vector<std::string>>> dependent;
  std::optional<Value> fallback;
  std::optional<double> minimum, maximum, above, below;
  std::optional<std::int64_t> min_length, max_length, min_items, max_items, min_members,
      max_members;
  std::unique_ptr<RE2> pattern;
  bool unique = false;
  bool open = false;  // members that are not named are allowed

  bool apply(Value& value, const std::string& path, std::vector<Diagnostic>& out) const;
  bool apply_object(Value& value, const std::string& path, std::vector<Diagnostic>& out) const;
  bool apply_array(Value& value, const std::string& path, std::vector<Diagnostic>& out) const;
  bool apply_scalar(const Value& value, const std::string& path,
                    std::vector<Diagnostic>& out) const;
  bool apply_alternatives(Value& value, const std::string& path,
                          std::vector<Diagnostic>& out) const;
  std::string expected() const;

  static Result<std::unique_ptr<Node>> compile(const Value& schema, const std::string& pointer);
  Status read(const std::string& keyword, const Value& value, const std::string& pointer);
  Status read_types(const Value& value, const std::string& pointer);
  Status read_list(const Value& value, const std::string& pointer,
                   std::vector<std::unique_ptr<Node>>& into);
};

namespace {

constexpr std::array<std::pair<std::string_view, Kind>, 7> k_types{{{"null", Kind::null},
                                                                    {"boolean", Kind::boolean},
                                                                    {"integer", Kind::integer},
                                                                    {"number", Kind::number},
                                                                    {"string", Kind::string},
                                                                    {"array", Kind::array},
                                                                    {"object", Kind::object}}};

constexpr std::string_view k_annotations[] = {"title", "description", "examples",   "$schema",
                                              "$id",   "$comment",    "deprecated", "format"};

std::string_view type_text(Kind kind) {
  if (kind == Kind::integer) return "whole number";
  for (const auto& [name, k] : k_types)
    if (k == kind) return name;
  return "";
}

bool matches(const std::vector<Kind>& types, const Value& value) {
  return types.empty() || std::any_of(types.begin(), types.end(), [&](Kind kind) {
           return value.is(kind) || (kind == Kind::number && value.is(Kind::integer));
         });
}

bool fault(std::vector<Diagnostic>& out, const Value& at, const std::string& path,
           std::string message, std::string hint = {}) {
  out.push_back({Severity::error, at.where, path, std::move(message), std::move(hint)});
  return false;
}

std::string list_of(const std::vector<Value>& values) {
  std::string out;
  for (const Value& value : values) out += cat(out.empty() ? "" : ", ", to_json(value));
  return out;
}

std::size_t characters(std::string_view text) {
  return std::size_t(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

Status keyword_error(const std::string& pointer, std::string_view what) {
  return Error{cat("at ", pointer, ": ", what)};
}

}  // namespace

// --- compiling ---

Result<std::unique_ptr<Schema::Node>> Schema::Node::compile(const Value& schema,
                                                            const std::string& pointer) {
  auto node = std::make_unique<Node>();
  if (schema.is(Kind::boolean)) {
    node->constant = schema.boolean;
    return node;
  }
  if (!schema.is(Kind::object))
    return Error{cat("at ", pointer, ": a schema is an object or a boolean")};
  for (const Member& member : schema.members)
    if (auto read = node->read(member.name, member.value, cat(pointer, "/", member.name));
        !read.ok())
      return read.error();
  return node;
}

Status Schema::Node::read_types(const Value& value, const std::string& pointer) {
  const std::vector<Value> one{value};
  for (const Value& item : value.is(Kind::array) ? value.items : one) {
    const auto known = std::find_if(k_types.begin(), k_types.end(),
                                    [&](const auto& t) { return t.first == item.string; });
    if (known == k_types.end()) return keyword_error(pointer, "no such type");
    types.push_back(known->second);
  }
  return ok_status();
}

Status Schema::Node::read_list(const Value& value, const std::string& pointer,
                               std::vector<std::unique_ptr<Node>>& into) {
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    auto node = compile(value.items[i], cat(pointer, "/", i));
    if (!node.ok()) return node.error();
    into.push_back(std::move(node).value());
  }
  return ok_status();
}

Status Schema::Node::read(const std::string& keyword, const Value& value,
                          const std::string& pointer) {
  const auto child = [&](std::unique_ptr<Node>& into) -> Status {
    auto node = compile(value, pointer);
    if (!node.ok()) return node.error();
    into = std::move(node).value();
    return ok_status();
  };
  const std::pair<std::string_view, std::optional<double>*> numbers[] = {
      {"minimum", &minimum},
      {"maximum", &maximum},
      {"exclusiveMinimum", &above},
      {"exclusiveMaximum", &below}};
  for (const auto& [name, into] : numbers)
    if (keyword == name) return *into = value.number, ok_status();
  const std::pair<std::string_view, std::optional<std::int64_t>*> counts[] = {
      {"minLength", &min_length}, {"maxLength", &max_length},      {"minItems", &min_items},
      {"maxItems", &max_items},   {"minProperties", &min_members}, {"maxProperties", &max_members}};
  for (const auto& [name, into] : counts)
    if (keyword == name) return *into = value.integer, ok_status();

  if (keyword == "type") return read_types(value, pointer);
  if (keyword == "properties") {
    for (const Member& member : value.members) {
      auto node = compile(member.value, cat(pointer, "/", member.name));
      if (!node.ok()) return node.error();
      properties.emplace_back(member.name, std::move(node).value());
    }
    return ok_status();
  }
  if (keyword == "required") {
    for (const Value& item : value.items) required.push_back(item.string);
    return ok_status();
  }
  if (keyword == "additionalProperties") {
    open = !value.is(Kind::boolean) || value.boolean;
    return open && !value.is(Kind::boolean) ? child(additional) : ok_status();
  }
  if (keyword == "items") return child(items);
  if (keyword == "propertyNames") return child(names);
  if (keyword == "enum") return allowed = value.items, ok_status();
  if (keyword == "const") return allowed = {value}, ok_status();
  if (keyword == "uniqueItems") return unique = value.boolean, ok_status();
  if (keyword == "default") return fallback = value, ok_status();
  if (keyword == "anyOf") return read_list(value, pointer, any_of);
  if (keyword == "oneOf") return read_list(value, pointer, one_of);
  if (keyword == "allOf") return read_list(value, pointer, all_of);
  if (keyword == "dependentRequired") {
    for (const Member& member : value.members) {
      dependent.emplace_back(member.name, std::vector<std::string>{});
      for (const Value& item : member.value.items) dependent.back().second.push_back(item.string);
    }
    return ok_status();
  }
  if (keyword == "pattern") {
    pattern = std::make_unique<RE2>(value.string, RE2::Quiet);
    return pattern->ok() ? ok_status() : keyword_error(pointer, pattern->error());
  }
  const bool annotation = std::find(std::begin(k_annotations), std::end(k_annotations), keyword) !=
                          std::end(k_annotations);
  if (annotation || keyword.starts_with("x-gw-")) return ok_status();
  return keyword_error(pointer, "this keyword is not supported");
}

// --- applying ---

std::string Schema::Node::expected() const {
  if (!allowed.empty()) return cat("one of ", list_of(allowed));
  std::string out;
  for (const Kind kind : types) {
    const bool vowel = kind == Kind::array || kind == Kind::object;
    const std::string_view article = kind == Kind::null ? "" : vowel ? "an " : "a ";
    out += cat(out.empty() ? "" : " or ", article, type_text(kind));
  }
  return out.empty() ? "another value" : out;
}

bool Schema::Node::apply(Value& value, const std::string& path,
                         std::vector<Diagnostic>& out) const {
  if (constant) return *constant || fault(out, value, path, "is not allowed here");
  // `on` and `off` of YAML, where a boolean is meant.
  if (!matches(types, value) && std::find(types.begin(), types.end(), Kind::boolean) != types.end())
    if (const auto meant = read_boolean(value)) value = Value::make_boolean(*meant, value.where);
  if (!matches(types, value)) {
    const bool quoted = value.is(Kind::string) &&
                        matches(types, read_plain_scalar(value.string, value.where).value);
    return fault(out, value, path, cat("is ", describe(value), ", expected ", expected()),
                 quoted ? "remove the quotes" : "");
  }
  const auto same = [&](const Value& one) { return to_json(one) == to_json(value); };
  if (!allowed.empty() && std::none_of(allowed.begin(), allowed.end(), same)) {
    std::vector<std::string_view> words;
    for (const Value& one : allowed) words.push_back(one.string);
    const auto near = value.is(Kind::string) ? closest(value.string, words) : std::string_view{};
    return fault(out, value, path, cat("is ", describe(value), ", expected ", expected()),
                 near.empty() ? "" : cat("did you mean \"", near, "\"?"));
  }
  bool fine = apply_scalar(value, path, out);
  if (value.is(Kind::object)) fine = apply_object(value, path, out) && fine;
  if (value.is(Kind::array)) fine = apply_array(value, path, out) && fine;
  return apply_alternatives(value, path, out) && fine;
}

bool Schema::Node::apply_scalar(const Value& value, const std::string& path,
                                std::vector<Diagnostic>& out) const {
  if (value.is_number()) {
    const double n = value.number;
    const bool low = (minimum && n < *minimum) || (above && n <= *above);
    const bool high = (maximum && n > *maximum) || (below && n >= *below);
    if (low || high) {
      const auto bound = [](double b) {
        return b == double(std::int64_t(b)) ? cat(std::int64_t(b)) : std::to_string(b);
      };
      const std::string what =
          low ? cat(above ? "a number above " : "at least ", bound(above ? *above : *minimum))
              : cat(below ? "a number below " : "at most ", bound(below ? *below : *maximum));
      return fault(out, value, path, cat("is ", describe(value), ", expected ", what));
    }
  }
  if (!value.is(Kind::string)) return true;
  const auto length = std::int64_t(characters(value.string));
  if (min_length && length < *min_length)
    return fault(out, value, path,
                 cat("is ", describe(value), ", expected at least ", *min_length, " characters"));
  if (max_length && length > *max_length)
    return fault(out, value, path,
                 cat("is ", length, " characters long, expected at most ", *max_length));
  if (pattern && !RE2::PartialMatch(value.string, *pattern))
    return fault(out, value, path,
                 cat("is ", describe(value), ", expected text that matches ", pattern->pattern()));
  return true;
}

bool Schema::Node::apply_object(Value& value, const std::string& path,
                                std::vector<Diagnostic>& out) const {
  bool fine = true;
  std::vector<std::string_view> known;
  for (const auto& [name, node] : properties) {
    known.push_back(name);
    Value* member = value.find(name);
    if ((member == nullptr || (member->is(Kind::null) && !matches(node->types, *member))) &&
        node->fallback) {
      Value filled = *node->fallback;
      filled.where = value.where;
      member = &value.set(name, std::move(filled));
    }
    if (member == nullptr) continue;
    if (member->is(Kind::null) && !matches(node->types, *member))
      continue;  // null counts as absent
    fine = node->apply(*member, cat(path, ".", name), out) && fine;
  }
  for (const auto& name : required) {
    const Value* member = value.find(name);
    if (member == nullptr || member->is(Kind::null))
      fine = fault(out, value, cat(path, ".", name), "is required, and missing");
  }
  // A branch of anyOf, oneOf or allOf that names no members looks at some only.
  const bool closed = !open && (!properties.empty() || types.size() == 1) && any_of.empty() &&
                      one_of.empty() && all_of.empty();
  for (Member& member : value.members) {
    if (names) {
      Value name = Value::make_string(member.name, member.where);
      fine = names->apply(name, cat(path, ".", member.name), out) && fine;
    }
    if (std::find(known.begin(), known.end(), member.name) != known.end()) continue;
    if (additional) {
      fine = additional->apply(member.value, cat(path, ".", member.name), out) && fine;
    } else if (closed) {
      const auto near = closest(member.name, known);
      out.push_back({Severity::error, member.where, cat(path, ".", member.name), "unknown field",
                     near.empty() ? "" : cat("did you mean \"", near, "\"?")});
      fine = false;
    }
  }
  const auto count = std::int64_t(value.members.size());
  if (min_members && count < *min_members)
    fine =
        fault(out, value, path, cat("has ", count, " members, expected at least ", *min_members));
  if (max_members && count > *max_members)
    fine = fault(out, value, path, cat("has ", count, " members, expected at most ", *max_members));
  for (const auto& [name, needs] : dependent) {
    if (value.find(name) == nullptr) continue;
    for (const auto& need : needs)
      if (value.find(need) == nullptr)
        fine = fault(out, value, cat(path, ".", need),
                     cat("is required with ", name, ", and missing"));
  }
  return fine;
}

bool Schema::Node::apply_array(Value& value, const std::string& path,
                               std::vector<Diagnostic>& out) const {
  bool fine = true;
  const auto count = std::int64_t(value.items.size());
  if (min_items && count < *min_items)
    fine = fault(out, value, path, cat("has ", count, " elements, expected at least ", *min_items));
  if (max_items && count > *max_items)
    fine = fault(out, value, path, cat("has ", count, " elements, expected at most ", *max_items));
  for (std::size_t i = 0; items && i < value.items.size(); ++i)
    fine = items->apply(value.items[i], cat(path, "[", i, "]"), out) && fine;
  for (std::size_t i = 0; unique && i < value.items.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (to_json(value.items[i]) == to_json(value.items[j]))
        fine = fault(out, value.items[i], cat(path, "[", i, "]"),
                     cat("is ", describe(value.items[i]), " a second time"));
  return fine;
}

bool Schema::Node::apply_alternatives(Value& value, const std::string& path,
                                      std::vector<Diagnostic>& out) const {
  bool fine = true;
  for (const auto& node : all_of) fine = node->apply(value, path, out) && fine;
  for (const auto* list : {&any_of, &one_of}) {
    if (list->empty()) continue;
    std::size_t good = 0;
    std::vector<Diagnostic> why;
    for (const auto& node : *list) {
      Value copy = value;
      std::vector<Diagnostic> faults;
      if (node->apply(copy, path, faults)) {
        if (good++ == 0) value = std::move(copy);  // with its defaults
      } else if (why.empty()) {
        why = std::move(faults);
      }
    }
    if (good == 0) {
      out.insert(out.end(), why.begin(), why.end());
      fine = false;
    } else if (good > 1 && list == &one_of) {
      fine =
          fault(out, value, path, "fits more than one of the alternatives, expected exactly one");
    }
  }
  return fine;
}

// --- the class ---

Schema::Schema() = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

Result<Schema> Schema::compile(std::string_view json) {
  auto tree = parse_json(json);
  if (!tree.ok()) return tree.error();
  auto node = Node::compile(tree.value(), "");
  if (!node.ok()) return node.error();
  Schema schema;
  schema.root_ = std::move(node).value();
  return schema;
}

bool Schema::apply(Value& value, const std::string& path, std::vector<Diagnostic>& out) const {
  return root_ == nullptr || root_->apply(value, path, out);
}

}  // namespace gw::config
