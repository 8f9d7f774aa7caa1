// SPDX-License-Identifier: Apache-2.0
#include "tools/case_run.hpp"

#include <algorithm>
#include <gatewright/testkit/exchange.hpp>
#include <gatewright/testkit/trace.hpp>
#include <regex>
#include <stdexcept>

#include "base/text.hpp"
#include "config/schema.hpp"

namespace gw::tools {

namespace {

using test::exchange;
using test::host;

constexpr int k_most_turns = 100;

// Faults of one case in one mode.
class Faults {
 public:
  template <class... Parts>
  void add(const CaseStep& at, const Parts&... parts) {
    list.push_back(cat("line ", at.where.line, ": ", parts...));
  }
  std::vector<std::string> list;
};

std::string shown(const std::optional<std::string>& text) {
  return text ? cat("\"", *text, "\"") : "absent";
}

bool fits(const Expected& expected, const std::optional<std::string>& seen) {
  switch (expected.kind) {
    case Expected::Kind::absent:
      return !seen;
    case Expected::Kind::equal:
      return seen == expected.text;
    case Expected::Kind::matches:
      return seen && std::regex_match(*seen, std::regex(expected.text));
  }
  return false;
}

std::string shown(const Expected& expected) {
  if (expected.kind == Expected::Kind::absent) return "none";
  if (expected.kind == Expected::Kind::matches) return cat("a match of ", expected.text);
  return cat("\"", expected.text, "\"");
}

void check(const CaseStep& step, const std::string& what, const std::optional<Expected>& expected,
           const std::optional<std::string>& seen, Faults& out) {
  if (expected && !fits(*expected, seen))
    out.add(step, what, " is ", shown(seen), ", expected ", shown(*expected));
}

void check_step(const CaseStep& step, const exchange& x, Faults& out) {
  const CaseExpect& expect = step.expect;
  if (expect.status && x.status() != *expect.status)
    out.add(step, "status is ", x.status(), ", expected ", *expect.status);
  if (expect.upstream && x.answered_locally() == *expect.upstream)
    out.add(step, *expect.upstream ? "the plugin answered, expected the request to go upstream"
                                   : "the request went upstream, expected an answer of the plugin");
  std::optional<std::string> code;
  if (x.reply() && !x.reply()->code.empty()) code = x.reply()->code;
  check(step, "code", expect.code, code, out);
  check(step, "path", expect.path, x.path(), out);
  check(step, "query", expect.query, x.query(), out);
  check(step, "request_body", expect.request_body, x.request_body(), out);
  std::optional<std::string> body = x.response_body();
  if (x.reply()) body = x.reply()->body ? x.reply()->body : x.reply()->message;
  check(step, "response_body", expect.response_body, body, out);
  for (const auto& [name, wanted] : expect.request_headers)
    check(step, cat("request header ", name), wanted, x.request_header(name), out);
  for (const auto& [name, wanted] : expect.response_headers)
    check(step, cat("response header ", name), wanted, x.response_header(name), out);
}

// What is due now, then the time that the step lets pass.
void wait(host& h, const exchange& x, const CaseStep& step) {
  for (int i = 0; i < k_most_turns && x.paused(); ++i) h.turn();
  if (x.paused() && step.advance_ms > 0) h.advance(std::chrono::milliseconds(step.advance_ms));
  for (int i = 0; i < k_most_turns && x.paused(); ++i) h.turn();
}

void run_request(host& h, test::instance& plugin, const CaseStep& step, Faults& out) {
  test::request_spec spec;
  spec.method = step.method;
  spec.target = step.target;
  spec.headers = step.headers;
  spec.body = step.body;
  exchange x(h, {&plugin}, spec);
  if (!step.client_ip.empty()) x.text(GW_CLIENT_IP, step.client_ip);
  x.start();
  wait(h, x, step);
  if (!x.paused() && !x.answered_locally()) {
    x.answer(int(step.answer_status), step.answer_headers, step.answer_body);
    wait(h, x, step);
  }
  if (x.paused()) return out.add(step, "the request still waits; let time pass with `advance`");
  x.finish();
  check_step(step, x, out);
}

test::http_answer answer_to(const Case& test, const test::http_call& call) {
  for (const auto& known : test.http) {
    if (!known.url.empty() && known.url != call.url) continue;
    if (!known.method.empty() && known.method != call.method) continue;
    if (known.sent && !fits(*known.sent, call.body)) continue;
    test::http_answer out;
    out.status = known.status;
    out.body = known.body;
    out.headers = known.headers;
    if (known.error == "timeout") out.error = GW_E_TIMEOUT;
    if (known.error == "connect") out.error = GW_E_CONNECT;
    return out;
  }
  test::http_answer none;
  none.status = 0;
  none.error = GW_E_CONNECT;
  return none;
}

void check_logs(const Case& test, const host& h, std::vector<std::string>& out) {
  for (const auto& text : test.logs) {
    bool found = false;
    for (const auto& line : h.logs()) found |= line.text.find(text) != std::string::npos;
    if (!found) out.push_back(cat("no line of the log has \"", text, "\""));
  }
}

test::instance& load(host& h, const std::string& plugin, const Case& test,
                     const std::string& options) {
  for (const auto& one : test.consumers) h.add_consumer(one.id, one.username, one.custom_id);
  for (const auto& one : test.credentials)
    h.add_credential(one.collection, one.id, one.consumer, one.json);
  if (!test.http.empty())
    h.script_http([&test](const test::http_call& call) { return answer_to(test, call); });
  test::load_options which;
  which.plugin = test.plugin;
  return h.load(plugin, options, which);
}

std::vector<std::string> run_in(host& h, const std::string& plugin, const Case& test,
                                const std::string& options) {
  Faults faults;
  test::instance& loaded = load(h, plugin, test, options);
  for (const auto& step : test.steps) {
    if (step.is_request)
      run_request(h, loaded, step, faults);
    else
      h.advance(std::chrono::milliseconds(step.advance_ms));
  }
  check_logs(test, h, faults.list);
  return faults.list;
}

// What the plugin's schema says of the options, as the gateway would; fills in its defaults.
std::string why_refused(const std::string& plugin, const Case& test, config::Value& options) {
  const test::mode_scope scope(test::mode::plain);
  host h;
  const char* text = h.describe(plugin, test.plugin).schema;
  auto schema = config::Schema::compile(text != nullptr ? text : R"({"type":"object"})");
  if (!schema.ok()) return cat("the plugin's schema: ", schema.error().text);
  std::vector<config::Diagnostic> found;
  schema.value().apply(options, "config", found);
  std::string out;
  for (const auto& one : found)
    out += cat(out.empty() ? "" : "; ", "line ", one.where.line, ": ", one.path, ": ", one.message);
  return out;
}

// By its schema or by itself.
std::vector<std::string> check_refused(const std::string& plugin, const Case& test, std::string why,
                                       const std::string& options) {
  if (why.empty()) {
    try {
      const test::mode_scope scope(test::mode::checking);
      host h;
      load(h, plugin, test, options);
    } catch (const std::exception& error) {
      why = error.what();
    }
  }
  if (why.empty()) return {"the options are taken, expected them to be refused"};
  if (why.find(*test.refused) != why.npos) return {};
  return {cat("the options are refused: ", why, "; expected \"", *test.refused, "\" in it")};
}

// Each fault once, behind the modes in which it was seen.
std::vector<std::string> merged(const std::vector<std::pair<std::string, std::string>>& faults) {
  std::vector<std::pair<std::string, std::string>> all;  // fault, modes
  for (const auto& [mode, fault] : faults) {
    const auto same = [&fault = fault](const auto& one) { return one.first == fault; };
    const auto known = std::find_if(all.begin(), all.end(), same);
    if (known == all.end())
      all.emplace_back(fault, mode);
    else
      known->second += cat(", ", mode);
  }
  std::vector<std::string> out;
  for (const auto& [fault, modes] : all) out.push_back(cat(fault, " (in mode ", modes, ")"));
  return out;
}

}  // namespace

std::string trace_case(const std::string& plugin, const Case& test) {
  config::Value filled = test.options;
  if (test.refused || !why_refused(plugin, test, filled).empty()) return "";
  const test::trace_scope trace;
  {
    const test::mode_scope scope(test::mode::plain);
    host h;
    run_in(h, plugin, test, config::to_json(filled));
  }
  return trace.text();
}

std::vector<std::string> run_case(const std::string& plugin, const Case& test) {
  std::vector<std::pair<std::string, std::string>> faults;
  config::Value filled = test.options;
  std::string options;
  try {
    const std::string why = why_refused(plugin, test, filled);
    options = config::to_json(filled);
    if (test.refused) return check_refused(plugin, test, why, options);
    if (!why.empty()) return {cat("the options are refused: ", why)};
  } catch (const std::exception& error) {
    return {error.what()};
  }
  for (const test::mode mode : test::all_modes) {
    const auto add = [&](const std::string& fault) {
      faults.emplace_back(test::to_string(mode), fault);
    };
    try {
      const test::mode_scope scope(mode);
      host h;
      for (const auto& fault : run_in(h, plugin, test, options)) add(fault);
    } catch (const std::exception& error) {
      add(error.what());
    }
  }
  return merged(faults);
}

}  // namespace gw::tools
