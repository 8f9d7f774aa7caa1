// SPDX-License-Identifier: Apache-2.0
#include "config/vault.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"
#include "config/place.hpp"
#include "config/schema.hpp"

namespace gw::config {

namespace {

constexpr std::string_view k_file = "{file:";
constexpr std::size_t k_largest_file = 64 * 1024;
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

// Without the newline at its end, which editors and `echo` put there.
Result<std::string> content_of(std::string_view name) {
  const std::string path(name);
  if (!name.starts_with('/')) return Error{"needs an absolute path, as {file:/run/secrets/NAME}"};
  // A pipe would wait for somebody to write.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat facts {};
  std::string text;
  Status read = ok_status();
  if (fd < 0 || ::fstat(fd, &facts) != 0)
    read = Error{cat("needs the file ", path, ": ", std::strerror(errno))};
  else if (!S_ISREG(facts.st_mode))
    read = Error{cat("needs a file, and ", path, " is none")};
  for (ssize_t n = 1; read.ok() && n > 0 && text.size() <= k_largest_file;) {
    char piece[4096];
    n = ::read(fd, piece, sizeof piece);
    if (n < 0) read = Error{cat("cannot read ", path, ": ", std::strerror(errno))};
    if (n > 0) text.append(piece, std::size_t(n));
  }
  if (fd >= 0) ::close(fd);
  if (!read.ok()) return read.error();
  if (text.size() > k_largest_file)
    return Error{cat("needs a file of at most ", k_largest_file >> 10, " KiB")};
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return Error{cat("needs a text in ", path, ", which is empty")};
  for (std::size_t at = 0, n = 0; at < text.size(); at += n) {
    n = utf8_length(std::string_view(text).substr(at));
    if (n == 0 || text[at] == '\0') return Error{cat("needs UTF-8 text without NUL in ", path)};
  }
  return text;
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
    return fail(
        ": references are resolved in options of plugins, credentials and certificates only");
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
  if (text.starts_with(k_file))
    return content_of(text.substr(k_file.size(), text.size() - k_file.size() - 1));
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
