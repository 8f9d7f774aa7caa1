// SPDX-License-Identifier: Apache-2.0
#include "config/vault.hpp"

#include <cstdlib>

#include "base/text.hpp"
#include "config/place.hpp"
#include "config/schema.hpp"

namespace gw::config {

namespace {

constexpr std::string_view k_form = "{vault://env/NAME} or {vault://env/NAME/JSONKEY}";

// Kong's: upper case, and '-' as '_'.
std::string variable_name(std::string_view prefix, std::string_view name) {
  std::string out = cat(prefix, name);
  for (char& c : out) c = c == '-' ? '_' : c >= 'a' && c <= 'z' ? char(c - 32) : c;
  return out;
}

Result<std::string> member_of(const std::string& variable, const std::string& text,
                              std::string_view key) {
  auto object = parse_json(text);
  if (!object.ok() || !object.value().is(Kind::object))
    return Error{cat("needs a JSON object in ", variable)};
  const Value* member = object.value().find(key);
  if (member == nullptr || !member->is(Kind::string))
    return Error{cat("needs the text \"", key, "\" in the JSON object in ", variable)};
  return member->string;
}

// Of Kong's own entities only certificates may have references.
bool holds_secrets(std::string_view name) {
  return name.ends_with("_credentials") || name.ends_with("_secrets") || name == "certificates";
}

enum class Inside : std::uint8_t { entities, plugins, secrets };

// Where a member's references stand, by its name and where the object stands.
Inside inside(Inside object, std::string_view name) {
  if (object == Inside::secrets || holds_secrets(name)) return Inside::secrets;
  if (object == Inside::plugins && name == "config") return Inside::secrets;
  return name == "plugins" ? Inside::plugins : Inside::entities;
}

void resolve(Value& value, const Place& place, Inside where, std::vector<Diagnostic>& out) {
  const auto fail = [&](std::string message) {
    out.push_back({Severity::error, value.where, place.text(),
                   cat("is the reference ", value.string, message), ""});
  };
  if (where != Inside::secrets)
    return fail(": references are resolved in options of plugins and in credentials only");
  auto found = resolve_reference(value.string);
  if (!found.ok()) return fail(cat(", which ", found.error().text));
  value.string = std::move(found).value();
  value.secret = true;
  value.plain = false;
}

void visit(Value& value, const Place& place, Inside where, std::vector<Diagnostic>& out) {
  if (value.is(Kind::string) && is_reference(value.string)) resolve(value, place, where, out);
  for (std::size_t i = 0; i < value.items.size(); ++i)
    visit(value.items[i], place.item(i), where, out);
  for (Member& member : value.members)
    if (member.name != "_comment" && member.name != "_ignore")
      visit(member.value, place.member(member.name), inside(where, member.name), out);
}

}  // namespace

bool is_reference(std::string_view text) {
  return text.ends_with('}') && (text.starts_with("{vault://") || text.starts_with("{file:"));
}

Result<std::string> resolve_reference(std::string_view text) {
  constexpr std::string_view k_env = "{vault://env/";
  if (text.starts_with("{file:")) return Error{"is not supported yet: only the vault env is"};
  if (!text.starts_with(k_env)) return Error{"names a vault that is not there: only env is"};
  auto rest = text.substr(k_env.size(), text.size() - k_env.size() - 1);
  if (rest.find('#') != std::string_view::npos)
    return Error{"asks for a version, which variables do not have"};
  std::string_view prefix;
  if (const auto query = rest.find('?'); query != std::string_view::npos) {
    constexpr std::string_view k_prefix = "prefix=";
    const auto option = rest.substr(query + 1);
    if (!option.starts_with(k_prefix) || option.find('&') != std::string_view::npos)
      return Error{cat("has the option ", option, ", expected prefix=TEXT")};
    prefix = option.substr(k_prefix.size());
    rest = rest.substr(0, query);
  }
  const auto slash = rest.find('/');
  const auto name = rest.substr(0, slash);
  const auto key = slash != std::string_view::npos ? rest.substr(slash + 1) : "";
  if (name.empty() || (slash != std::string_view::npos && key.empty()))
    return Error{cat("is incomplete, expected ", k_form)};
  const std::string variable = variable_name(prefix, name);
  const char* found = std::getenv(variable.c_str());
  if (found == nullptr) return Error{cat("needs the variable ", variable, ", which is not set")};
  return key.empty() ? Result<std::string>(std::string(found)) : member_of(variable, found, key);
}

void resolve_references(Value& root, std::vector<Diagnostic>& out) {
  visit(root, Place{""}, Inside::entities, out);
}

}  // namespace gw::config
