// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "config/readers.hpp"
#include "config/schema.hpp"
#include "config/tree_builder.hpp"

namespace gw::config {

namespace {

// Follows the parser through the text, one token for each event: nlohmann's events come in the
// order of the text but without their places. It only meets tokens that the parser has accepted.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  // Place of the next token, which is then passed.
  Location next() {
    while (at_ < text_.size() && is_between(text_[at_])) step();
    const Location where{line_, std::uint32_t(at_ - line_start_ + 1)};
    if (at_ < text_.size()) pass_token();
    return where;
  }

  Location location_of(std::size_t byte) {
    while (at_ < std::min(byte, text_.size())) step();
    return {line_, std::uint32_t(at_ - line_start_ + 1)};
  }

 private:
  static bool is_between(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ':';
  }
  void step() {
    if (text_[at_++] == '\n') {
      ++line_;
      line_start_ = at_;
    }
  }
  void pass_token() {
    const char first = text_[at_++];
    if (first == '{' || first == '}' || first == '[' || first == ']') return;
    if (first == '"') {
      while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
      ++at_;
      return;
    }
    while (at_ < text_.size() && !is_between(text_[at_]) && text_[at_] != '}' && text_[at_] != ']')
      ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
};

std::string hint_for(std::string_view text, std::size_t byte) {
  if (byte >= text.size()) return "a bracket or a quote is never closed";
  const char c = text[byte];
  const auto before = text.substr(0, byte).find_last_not_of(" \t\r\n");
  if ((c == '}' || c == ']') && before != std::string_view::npos && text[before] == ',')
    return "JSON has no comma after the last element";
  if (c == '\'') return "JSON wants double quotes";
  if (c == '/' || c == '#') return "JSON has no comments; use \"_comment\" or a YAML file";
  return "";
}

class Events : public nlohmann::json_sax<nlohmann::json> {
 public:
  Events(std::string_view text, std::vector<Diagnostic>& out)
      : tree(out), text_(text), cursor_(text), out_(out) {}

  bool null() override { return add({}); }
  bool boolean(bool truth) override { return add(Value::make_boolean(truth)); }
  bool number_integer(number_integer_t number) override { return add(Value::make_integer(number)); }
  bool number_unsigned(number_unsigned_t number) override {
    if (number <= number_unsigned_t(INT64_MAX))
      return add(Value::make_integer(std::int64_t(number)));
    return number_float(double(number), "");
  }
  bool number_float(number_float_t number, const string_t&) override {
    Value value;
    value.kind = Kind::number;
    value.number = number;
    return add(std::move(value));
  }
  bool string(string_t& text) override { return add(Value::make_string(text)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return tree.begin(Kind::object, cursor_.next()); }
  bool start_array(std::size_t) override { return tree.begin(Kind::array, cursor_.next()); }
  bool key(string_t& name) override {
    tree.key(std::move(name), cursor_.next());
    return true;
  }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }

  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::detail::exception& e) override {
    const std::size_t last = position > 0 ? position - 1 : 0;
    const std::size_t begin =
        last >= text_.size() || token.size() > position ? last : position - token.size();
    std::string_view what = e.what();
    constexpr std::string_view k_mark = "syntax error while parsing ";
    if (const auto at = what.find(k_mark); at != std::string_view::npos)
      what.remove_prefix(at + k_mark.size());
    // A second cursor: the failing token lies before the place that the first one reached when
    // nesting is broken.
    out_.push_back({Severity::error, Cursor(text_).location_of(begin), "",
                    cat("not valid JSON: ", what), hint_for(text_, begin)});
    return false;
  }

  TreeBuilder tree;

 private:
  bool add(Value value) {
    value.where = cursor_.next();
    tree.add(std::move(value));
    return true;
  }
  bool end() {
    cursor_.next();
    tree.add(tree.close());
    return true;
  }

  std::string_view text_;
  Cursor cursor_;
  std::vector<Diagnostic>& out_;
};

}  // namespace

bool read_json(std::string_view text, Value& root, std::vector<Diagnostic>& out) {
  Events events(text, out);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &events)) return false;
  root = events.tree.take_root();
  return true;
}

Result<Value> parse_json(std::string_view text) {
  std::vector<Diagnostic> faults;
  Value root;
  if (read_json(text, root, faults) && faults.empty()) return root;
  const auto& first = faults.front();
  return Error{
      cat("line ", first.where.line, ", column ", first.where.column, ": ", first.message)};
}

}  // namespace gw::config
