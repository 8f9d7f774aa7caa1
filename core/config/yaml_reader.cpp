// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <unordered_set>

#include "base/text.hpp"
#include "config/readers.hpp"
#include "config/tree_builder.hpp"

namespace gw::config {

namespace {

constexpr std::string_view k_tag_prefix = "tag:yaml.org,2002:";

Location location(const YAML::Mark& mark) {
  return {std::uint32_t(mark.line + 1), std::uint32_t(mark.column + 1)};
}

std::size_t count_nodes(const Value& value) {
  std::size_t n = 1;
  for (const auto& item : value.items) n += count_nodes(item);
  for (const auto& member : value.members) n += count_nodes(member.value);
  return n;
}

// yaml-cpp takes the end of the file for the end of quotes. Whether the scalar at a byte of the
// text, behind its tag and anchor, is without quotes or has both.
bool quotes_end(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '!' || text[at] == '&')) {
    at = text.find_first_of(" \t\r\n", at);
    at = at < text.size() ? text.find_first_not_of(" \t\r\n", at) : at;
  }
  if (at >= text.size()) return true;
  const char quote = text[at];
  if (quote != '"' && quote != '\'') return true;
  for (++at; at < text.size(); ++at) {
    const bool doubled = text.substr(at, 2) == "\'\'";
    if (quote == '"' ? text[at] == '\\' : doubled)
      ++at;
    else if (text[at] == quote)
      return true;
  }
  return false;
}

// yaml-cpp's events into a tree. Nodes come in the order of the text; a map's keys and values
// alternate, so each open map remembers which of the two is next. Thrown to leave yaml-cpp's
// parser, which has no other way to be stopped; never leaves read_yaml.
struct Stop {};

class Handler : public YAML::EventHandler {
 public:
  Handler(std::string_view text, std::vector<Diagnostic>& out)
      : tree(out), text_(text), out_(out) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0)
      fatal(location(mark), "a second YAML document begins here, expected one per file",
            "remove the line ---, or split the file");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Value nothing;
    nothing.where = location(mark);
    scalar(std::move(nothing), "", anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const Location where = location(mark);
    if (mark.pos >= 0 && !quotes_end(text_, std::size_t(mark.pos)))
      fatal(where, "these quotes are never closed", "");
    if (expects_key() && tag == "?" && text == "<<") {
      open_.back().merging = true;
      open_.back().key_next = false;
      return;
    }
    scalar(typed_scalar(where, tag, text), text, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const Location where = location(mark);
    if (anchor >= anchors_.size() || anchors_[anchor].nodes == 0)
      fatal(where, "this alias lies inside the node that it names", "");
    spend(anchors_[anchor].nodes, where);
    if (!expects_key()) return finished(anchors_[anchor].value, 0);
    const Value& named = anchors_[anchor].value;
    if (!named.is(Kind::string)) fatal(where, "a key must be a string", "");
    key(named.string, where);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Kind::array, mark, tag, anchor, "seq");
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Kind::object, mark, tag, anchor, "map");
  }
  void OnMapEnd() override { close(); }

  TreeBuilder tree;

 private:
  struct Open {
    bool map = false;
    bool key_next = false;
    bool merging = false;       // the next value belongs to `<<`
    std::vector<Value> merges;  // objects whose members are taken over, first wins
    YAML::anchor_t anchor = 0;
  };
  struct Anchor {
    Value value;
    std::size_t nodes = 0;  // 0: not finished
  };

  void error(Location where, std::string message, std::string hint) {
    out_.push_back({Severity::error, where, "", std::move(message), std::move(hint)});
  }
  [[noreturn]] void fatal(Location where, std::string message, std::string hint) {
    error(where, std::move(message), std::move(hint));
    throw Stop{};
  }

  bool expects_key() const { return !open_.empty() && open_.back().map && open_.back().key_next; }

  void spend(std::size_t nodes, Location where) {
    spent_ += nodes;
    if (spent_ > k_max_alias_nodes)
      fatal(where,
            cat("anchors and aliases make this file larger than ", k_max_alias_nodes, " nodes"),
            "");
  }

  Value typed_scalar(Location where, const std::string& tag, const std::string& text) {
    Value string = Value::make_string(text, where);
    if (tag == "!" || tag == cat(k_tag_prefix, "str")) return string;
    if (tag != "?" && !tag.starts_with(k_tag_prefix)) {
      error(where, cat("unknown YAML tag ", tag), "remove the tag");
      return string;
    }
    auto [value, fault] = read_plain_scalar(text, where);
    // Keys are names, whatever they look like.
    if (!fault.empty() && !expects_key())
      error(where, std::move(fault), cat("write \"", text, "\" if text is meant"));
    if (tag == "?" || tag_fits(tag.substr(k_tag_prefix.size()), value)) return value;
    error(where, cat(describe(value), " does not fit its YAML tag ", tag), "remove the tag");
    return value;
  }

  static bool tag_fits(std::string_view type, const Value& value) {
    if (type == "null") return value.is(Kind::null);
    if (type == "bool") return value.is(Kind::boolean);
    if (type == "int") return value.is(Kind::integer);
    return type == "float" && value.is_number();
  }

  void scalar(Value value, const std::string& text, YAML::anchor_t anchor) {
    if (!expects_key()) return finished(std::move(value), anchor);
    if (value.is(Kind::null) && text.empty())
      fatal(value.where, "a key is missing", "a value that begins with { must be quoted");
    if (anchor != 0) store(anchor, Value::make_string(text, value.where));
    key(text, value.where);
  }

  void key(const std::string& name, Location where) {
    open_.back().key_next = false;
    tree.key(name, where);
  }

  void open(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            std::string_view type) {
    const Location where = location(mark);
    if (expects_key())
      fatal(where, "a key must be a string, got a map or a list",
            "a value that begins with { or [ must be quoted");
    if (tag != "?" && tag != "!" && !tag.empty() && tag != cat(k_tag_prefix, type))
      error(where, cat("unknown YAML tag ", tag), "remove the tag");
    if (!tree.begin(kind, where)) throw Stop{};
    const bool map = kind == Kind::object;
    open_.push_back({map, map, false, {}, anchor});
  }

  void close() {
    Value value = tree.close();
    Open open = std::move(open_.back());
    open_.pop_back();
    if (open.map) {
      merge(value, open.merges);
      check_vault(value);
    }
    finished(std::move(value), open.anchor);
  }

  // A finished node goes where it belongs: under its key, into its list, or into a merge.
  void finished(Value value, YAML::anchor_t anchor) {
    if (anchor != 0) store(anchor, value);
    if (open_.empty()) return tree.add(std::move(value));
    Open& parent = open_.back();
    if (parent.map) parent.key_next = true;
    if (!parent.merging) return tree.add(std::move(value));
    parent.merging = false;
    if (value.is(Kind::object)) return parent.merges.push_back(std::move(value));
    bool usable = value.is(Kind::array);
    for (const auto& item : value.items) usable = usable && item.is(Kind::object);
    if (!usable)
      error(value.where,
            cat("got ", describe(value), ", expected an object or a list of objects to merge"), "");
    else
      for (auto& item : value.items) parent.merges.push_back(std::move(item));
  }

  static void merge(Value& into, std::vector<Value>& merges) {
    if (merges.empty()) return;
    std::unordered_set<std::string> names;
    for (const auto& member : into.members) names.insert(member.name);
    for (auto& from : merges)
      for (auto& member : from.members)
        if (names.insert(member.name).second) into.members.push_back(std::move(member));
  }

  // Kong's most common YAML mistake: {vault://env/x} without quotes is a map with that key.
  void check_vault(const Value& value) {
    if (value.members.size() != 1 || !value.members[0].name.starts_with("vault://") ||
        !value.members[0].value.is(Kind::null))
      return;
    const std::string reference = cat('{', value.members[0].name, '}');
    error(value.where, cat(reference, " without quotes is an object in YAML, not a reference"),
          cat("write \"", reference, '"'));
  }

  void store(YAML::anchor_t anchor, const Value& value) {
    if (anchor >= anchors_.size()) anchors_.resize(anchor + 1);
    const std::size_t nodes = count_nodes(value);
    spend(nodes, value.where);
    anchors_[anchor] = {value, nodes};
  }

  std::string_view text_;
  std::vector<Diagnostic>& out_;
  std::vector<Open> open_;
  std::vector<Anchor> anchors_;
  std::size_t spent_ = 0;
  int documents_ = 0;
};

// A tab in the indentation of the line, or of the one before it, explains most parse errors.
std::string tab_hint(std::string_view text, Location where) {
  std::uint32_t line = 1;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto row = text.substr(0, end);
    const auto indent = row.substr(0, row.find_first_not_of(" \t"));
    if (line + 1 >= where.line && indent.find('\t') != std::string_view::npos)
      return "YAML is indented with spaces, never with tabs";
    if (end == std::string_view::npos || line++ >= where.line) break;
    text.remove_prefix(end + 1);
  }
  return "";
}

}  // namespace

bool read_yaml(std::string_view text, Value& root, std::vector<Diagnostic>& out) {
  Handler handler(text, out);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(handler)) {
    }
  } catch (const Stop&) {
    return false;
  } catch (const YAML::Exception& e) {
    const Location where = e.mark.is_null() ? Location{1, 1} : location(e.mark);
    out.push_back(
        {Severity::error, where, "", cat("not valid YAML: ", e.msg), tab_hint(text, where)});
    return false;
  } catch (const std::exception& e) {
    out.push_back({Severity::error, {1, 1}, "", cat("not valid YAML: ", e.what()), ""});
    return false;
  }
  root = handler.tree.take_root();
  return true;
}

}  // namespace gw::config
