// SPDX-License-Identifier: Apache-2.0
#include "config/diagnostic.hpp"

#include <algorithm>
#include <tuple>

#include "base/text.hpp"

namespace gw::config {

namespace {

constexpr std::size_t k_widest = 100;  // columns of a source line that are shown

struct Paint {
  bool on;
  std::string_view bold() const { return on ? "\x1b[1m" : ""; }
  std::string_view red() const { return on ? "\x1b[1;31m" : ""; }
  std::string_view yellow() const { return on ? "\x1b[1;33m" : ""; }
  std::string_view cyan() const { return on ? "\x1b[36m" : ""; }
  std::string_view off() const { return on ? "\x1b[0m" : ""; }
};

bool is_tail(char c) { return (c & 0xC0) == 0x80; }

// Starts of all lines, so that a file with many errors is walked once.
std::vector<std::size_t> line_starts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    starts.push_back(at + 1);
  return starts;
}

std::string_view line_text(std::string_view text, const std::vector<std::size_t>& starts,
                           std::uint32_t line) {
  if (line == 0 || line > starts.size()) return {};
  auto rest = text.substr(starts[line - 1]);
  rest = rest.substr(0, rest.find('\n'));
  if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
  return rest;
}

struct Excerpt {
  std::string text;
  std::size_t caret = 0;  // columns before it
};

// The part of a line around byte `at` that fits on a screen, without control characters.
Excerpt excerpt(std::string_view line, std::size_t at) {
  at = std::min(at, line.size());
  std::size_t begin = 0, end = line.size();
  if (line.size() > k_widest) {
    begin = at > k_widest / 2 ? at - k_widest / 2 : 0;
    end = std::min(line.size(), begin + k_widest);
    while (begin > 0 && is_tail(line[begin])) --begin;
    while (end < line.size() && is_tail(line[end])) ++end;
  }
  Excerpt out;
  if (begin > 0) out.text = "...";
  out.caret = out.text.size();
  for (std::size_t i = begin; i < end; ++i) {
    const bool control = std::uint8_t(line[i]) < 0x20 || line[i] == 0x7F;
    out.text += control ? ' ' : line[i];
    if (i < at && !is_tail(line[i])) ++out.caret;
  }
  if (end < line.size()) out.text += "...";
  return out;
}

void append_head(std::string& out, const Diagnostic& d, std::string_view file, const Paint& paint) {
  out += paint.bold();
  if (d.where.line > 0) out += cat(file, ':', d.where.line, ':', d.where.column, ": ");
  out += paint.off();
  if (d.severity == Severity::warning) out += cat(paint.yellow(), "warning: ", paint.off());
  if (!d.path.empty()) out += cat(d.path, ": ");
  out += cat(d.message, '\n');
}

constexpr std::string_view k_hidden = "REDACTED";

// Before the plugins' schemas are known (a file that cannot be read as YAML), names have to tell
// what is a secret: what stands behind one of these is not shown.
std::string_view before_secret(std::string_view line) {
  constexpr std::string_view k_names[] = {"password", "passwd",      "secret", "token",
                                          "apikey",   "private_key", "api_key"};
  std::string lower(line);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = char(c + 32);
  std::size_t shown = line.size();
  for (const std::string_view name : k_names)
    for (auto at = lower.find(name); at != std::string::npos; at = lower.find(name, at + 1)) {
      auto colon = at + name.size();  // names that end so, in quotes or not
      if (colon < lower.size() && (lower[colon] == '"' || lower[colon] == '\'')) ++colon;
      if (colon < lower.size() && lower[colon] == ':') shown = std::min(shown, colon + 1);
    }
  return line.substr(0, shown);
}

void append_source(std::string& out, const Diagnostic& d, std::string_view whole,
                   const Paint& paint) {
  std::string line(d.hides_line ? std::string_view{} : before_secret(whole));
  // Whether what it points at is shown.
  const bool points = line.size() == whole.size() || d.where.column <= line.size();
  if (line.size() < whole.size()) line += cat(line.empty() ? "" : " ", k_hidden);
  const auto shown = excerpt(line, d.where.column > 0 ? d.where.column - 1 : 0);
  const std::string number = cat(d.where.line);
  const std::string margin(std::max<std::size_t>(number.size(), 5), ' ');
  const auto color = d.severity == Severity::error ? paint.red() : paint.yellow();
  out += cat(std::string(margin.size() - number.size(), ' '), number, " | ", shown.text, '\n');
  if (!points) return;
  out += cat(margin, " | ", std::string(shown.caret, ' '), color, '^', paint.off(), '\n');
}

}  // namespace

void hide_lines(std::vector<Diagnostic>& diagnostics, const std::set<std::uint32_t>& lines) {
  for (Diagnostic& d : diagnostics)
    if (lines.count(d.where.line) > 0) d.hides_line = true;
}

void sort(std::vector<Diagnostic>& diagnostics) {
  const auto key = [](const Diagnostic& d) {
    return std::tie(d.where, d.path, d.message, d.severity, d.hint);
  };
  std::sort(diagnostics.begin(), diagnostics.end(),
            [&](const auto& a, const auto& b) { return key(a) < key(b); });
  const auto same = [&](const auto& a, const auto& b) { return key(a) == key(b); };
  diagnostics.erase(std::unique(diagnostics.begin(), diagnostics.end(), same), diagnostics.end());
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

std::string render(const std::vector<Diagnostic>& diagnostics, std::string_view file,
                   std::string_view text, bool color) {
  const Paint paint{color};
  const auto starts = line_starts(text);
  std::string out;
  for (const auto& d : diagnostics) {
    append_head(out, d, file, paint);
    if (d.where.line > 0 && d.where.line <= starts.size() && !text.empty())
      append_source(out, d, line_text(text, starts, d.where.line), paint);
    if (!d.hint.empty()) out += cat("      ", paint.cyan(), "hint: ", paint.off(), d.hint, '\n');
  }
  return out;
}

std::string render_json(const std::vector<Diagnostic>& diagnostics, std::string_view file) {
  Value list;
  list.kind = Kind::array;
  for (const auto& d : diagnostics) {
    auto& entry = list.items.emplace_back(Value::make_object());
    entry.set("severity", Value::make_string(d.severity == Severity::error ? "error" : "warning"));
    entry.set("file", Value::make_string(d.where.line > 0 ? file : ""));
    entry.set("line", Value::make_integer(d.where.line));
    entry.set("column", Value::make_integer(d.where.column));
    entry.set("path", Value::make_string(d.path));
    entry.set("message", Value::make_string(d.message));
    entry.set("hint", Value::make_string(d.hint));
  }
  return to_json(list);
}

}  // namespace gw::config
