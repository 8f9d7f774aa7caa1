// SPDX-License-Identifier: Apache-2.0
#include "tools/case_file.hpp"

#include <regex>

#include "base/text.hpp"
#include "config/object_reader.hpp"
#include "config/readers.hpp"

namespace gw::tools {

using config::Diagnostic;
using config::Kind;
using config::Location;
using config::ObjectReader;
using config::Place;
using config::Value;

namespace {

// A scalar as text: `200` is "200".
std::string scalar(const Value& value) {
  return value.is(Kind::string) ? value.string : config::to_json(value);
}

void read_text(ObjectReader& reader, std::string_view name, std::string& into) {
  if (const Value* value = reader.take(name)) into = scalar(*value);
}

void read_fields(ObjectReader& reader, std::string_view name, FieldList& into) {
  reader.object(name, [&](ObjectReader& fields) {
    for (const auto& member : fields.value().members) {
      const Value* value = fields.take(member.name);
      if (value == nullptr) continue;
      if (!value->is(Kind::array)) {
        into.emplace_back(member.name, scalar(*value));
        continue;
      }
      for (const Value& item : value->items) into.emplace_back(member.name, scalar(item));
    }
  });
}

Expected read_expected(ObjectReader& reader, std::string_view name, const Value* value) {
  if (value == nullptr) return {Expected::Kind::absent, ""};
  if (!value->is(Kind::object)) return {Expected::Kind::equal, scalar(*value)};
  Expected out{Expected::Kind::matches, ""};
  reader.object(name, [&](ObjectReader& inner) { read_text(inner, "matches", out.text); });
  if (out.text.empty()) reader.error(*value, name, "expected a text, null, or {matches: REGEX}");
  try {
    std::regex compiled(out.text);
  } catch (const std::regex_error& error) {
    reader.error(*value, name, cat("is no regular expression: ", error.what()));
  }
  return out;
}

void read_optional(ObjectReader& reader, std::string_view name, std::optional<Expected>& into) {
  if (reader.value().find(name) == nullptr) return;
  into = read_expected(reader, name, reader.take(name));
}

void read_expected_fields(ObjectReader& reader, std::string_view name,
                          std::vector<std::pair<std::string, Expected>>& into) {
  reader.object(name, [&](ObjectReader& fields) {
    for (const auto& member : fields.value().members)
      into.emplace_back(member.name, read_expected(fields, member.name, fields.take(member.name)));
  });
}

void read_expect(ObjectReader& reader, CaseExpect& into) {
  reader.object("expect", [&](ObjectReader& expect) {
    std::int64_t status = 0;
    bool upstream = false;
    if (expect.has("status")) expect.integer("status", status, 100, 999), into.status = status;
    if (expect.has("upstream")) expect.boolean("upstream", upstream), into.upstream = upstream;
    read_optional(expect, "code", into.code);
    read_optional(expect, "path", into.path);
    read_optional(expect, "query", into.query);
    read_optional(expect, "request_body", into.request_body);
    read_optional(expect, "response_body", into.response_body);
    read_expected_fields(expect, "request_headers", into.request_headers);
    read_expected_fields(expect, "response_headers", into.response_headers);
  });
}

void read_request(ObjectReader& step, CaseStep& into) {
  into.is_request = true;
  step.object("request", [&](ObjectReader& request) {
    request.string("method", into.method);
    request.string("target", into.target);
    request.string("client_ip", into.client_ip);
    read_text(request, "body", into.body);
    read_fields(request, "headers", into.headers);
  });
  step.object("answer", [&](ObjectReader& answer) {
    answer.integer("status", into.answer_status, 100, 599);
    read_text(answer, "body", into.answer_body);
    read_fields(answer, "headers", into.answer_headers);
  });
  read_expect(step, into.expect);
}

CaseStep read_step(const Value& value, const Place& place, std::vector<Diagnostic>& out) {
  CaseStep into;
  into.where = value.where;
  ObjectReader step(value, place, out);
  step.duration("advance", into.advance_ms);
  if (step.has("request"))
    read_request(step, into);
  else if (!step.has("advance"))
    step.error("is no step, expected `request` or `advance`");
  step.finish();
  return into;
}

CaseHttp read_http(const Value& value, const Place& place, std::vector<Diagnostic>& out) {
  CaseHttp into;
  ObjectReader call(value, place, out);
  call.string("url", into.url);
  call.string("method", into.method);
  read_optional(call, "body", into.sent);
  call.choice("error", into.error, {"timeout", "connect"});
  call.object("answer", [&](ObjectReader& answer) {
    answer.integer("status", into.status, 100, 599);
    read_text(answer, "body", into.body);
    read_fields(answer, "headers", into.headers);
  });
  call.finish();
  return into;
}

Case read_case(const Value& value, const Place& place, std::vector<Diagnostic>& out) {
  Case into;
  into.where = value.where;
  ObjectReader reader(value, place, out);
  reader.string("name", into.name);
  if (!reader.has("name")) reader.error("has no name, expected what the case shows");
  reader.string("plugin", into.plugin);
  into.options = Value::make_object(value.where);
  if (const Value* options = reader.take("config")) into.options = *options;
  reader.each("consumers", [&](const Value& v, const Place& p) {
    ObjectReader consumer(v, p, out);
    CaseConsumer made;
    consumer.string("id", made.id);
    consumer.string("username", made.username);
    consumer.string("custom_id", made.custom_id);
    consumer.finish();
    into.consumers.push_back(std::move(made));
  });
  reader.each("credentials", [&](const Value& v, const Place& p) {
    ObjectReader credential(v, p, out);
    CaseCredential made;
    credential.string("collection", made.collection);
    credential.string("id", made.id);
    credential.string("consumer", made.consumer);
    made.json = "{}";
    if (const Value* fields = credential.take("fields")) made.json = config::to_json(*fields);
    credential.finish();
    into.credentials.push_back(std::move(made));
  });
  reader.each("http",
              [&](const Value& v, const Place& p) { into.http.push_back(read_http(v, p, out)); });
  reader.each("steps",
              [&](const Value& v, const Place& p) { into.steps.push_back(read_step(v, p, out)); });
  if (const Value* refused = reader.take("refused")) into.refused = scalar(*refused);
  if (into.steps.empty() == !into.refused)
    reader.error(into.refused ? "has steps, but its options are to be refused"
                              : "has no steps, expected at least one request, or `refused`");
  reader.strings("logs", into.logs);
  reader.finish();
  return into;
}

}  // namespace

std::vector<Case> read_cases(std::string_view file, std::string_view text,
                             std::vector<Diagnostic>& out) {
  Value root;
  std::vector<Case> cases;
  if (!config::read_document(file, text, root, out)) return cases;
  const Place top("");
  ObjectReader reader(root, top, out);
  reader.each("cases",
              [&](const Value& v, const Place& p) { cases.push_back(read_case(v, p, out)); });
  if (cases.empty()) reader.error("has no cases, expected a list of at least one");
  reader.finish();
  return cases;
}

}  // namespace gw::tools
