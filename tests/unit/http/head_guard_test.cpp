// SPDX-License-Identifier: Apache-2.0
#include "http/head_guard.hpp"

#include <string>

#include "catch.hpp"

using gw::http::HeadGuard;
using gw::http::HeadLimits;
using gw::http::Refusal;

namespace {

struct Looked {
  HeadGuard::Verdict verdict;
  HeadGuard guard;
};

Looked look(std::string_view bytes, HeadLimits limits = {},
            HeadGuard::Kind kind = HeadGuard::Kind::request) {
  HeadGuard guard;
  guard.reset(kind);
  const auto verdict = guard.look(bytes, limits);
  return {verdict, guard};
}

Refusal refusal(std::string_view bytes, HeadLimits limits = {},
                HeadGuard::Kind kind = HeadGuard::Kind::request) {
  const auto looked = look(bytes, limits, kind);
  return looked.verdict == HeadGuard::Verdict::refused ? looked.guard.refusal() : Refusal::none;
}

std::string with(std::string_view line) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(line) + "\r\n";
}

}  // namespace

TEST_CASE("a plain head is taken apart into first line and fields") {
  const std::string head = "GET /a?b HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n";
  const auto [verdict, guard] = look(head + "body");
  REQUIRE(verdict == HeadGuard::Verdict::complete);
  CHECK(guard.start() == 0);
  CHECK(guard.method_size() == 3);
  CHECK(guard.target_size() == 4);
  CHECK(guard.minor() == 1);
  CHECK(guard.field_count() == 2);
  CHECK(guard.end() == head.size());
}

TEST_CASE("a head gives the same verdict whole and byte by byte") {
  for (const std::string head : {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\r\nGET / HTTP/1.0\r\n\r\n",
                                 "GET / HTTP/1.1\nHost: a\r\n\r\n"}) {
    const auto whole = look(head);
    HeadGuard guard;
    guard.reset(HeadGuard::Kind::request);
    auto verdict = HeadGuard::Verdict::more;
    for (std::size_t n = 1; n <= head.size() && verdict == HeadGuard::Verdict::more; ++n)
      verdict = guard.look(std::string_view(head).substr(0, n), {});
    CHECK(verdict == whole.verdict);
    CHECK(guard.refusal() == whole.guard.refusal());
  }
}

TEST_CASE("one empty line may stand before a request, two may not") {
  CHECK(refusal("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n") == Refusal::none);
  CHECK(refusal("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n") == Refusal::too_many_empty_lines);
}

TEST_CASE("line ends are CR LF and nothing else") {
  CHECK(refusal("GET / HTTP/1.1\nHost: a\r\n\r\n") == Refusal::bad_line_end);
  CHECK(refusal(with("X: 1\n")) == Refusal::bad_line_end);
  CHECK(refusal("GET / HTTP/1.1\r\nHost: a\r\n\n") == Refusal::bad_line_end);
  CHECK(refusal(with("X: 1\rY: 2\r\n")) == Refusal::bad_field_value);
  CHECK(refusal("GET /\r HTTP/1.1\r\n\r\n") == Refusal::bad_target);
}

TEST_CASE("a CR that no LF follows is refused before its line ends") {
  for (const std::string begun : {"GET / HTTP/1.1\rX", "GET / HTTP/1.1\r\nA: b\r\n\rX"}) {
    CHECK(refusal(begun) == Refusal::bad_line_end);
    HeadGuard guard;
    guard.reset(HeadGuard::Kind::request);
    const std::string_view all = begun;
    REQUIRE(guard.look(all.substr(0, all.size() - 1), {}) == HeadGuard::Verdict::more);
    CHECK(guard.look(all, {}) == HeadGuard::Verdict::refused);
  }
}

TEST_CASE("request lines are method, space, target, space, version") {
  CHECK(refusal("GET  / HTTP/1.1\r\n\r\n") == Refusal::bad_request_line);
  CHECK(refusal("GET /  HTTP/1.1\r\n\r\n") == Refusal::bad_request_line);
  CHECK(refusal("GET /\tHTTP/1.1\r\n\r\n") == Refusal::bad_target);
  CHECK(refusal("GET /\r\n\r\n") == Refusal::bad_request_line);
  CHECK(refusal("GE(T / HTTP/1.1\r\n\r\n") == Refusal::bad_method);
  CHECK(refusal("GET /\x80 HTTP/1.1\r\n\r\n") == Refusal::bad_target);
  CHECK(refusal("GET /a#b HTTP/1.1\r\n\r\n") == Refusal::bad_target);
  CHECK(refusal("GET / HTTP/0.9\r\n\r\n") == Refusal::bad_version);
  CHECK(refusal("GET / HTTP/2.0\r\n\r\n") == Refusal::bad_version);
  CHECK(refusal("GET / RTSP/1.0\r\n\r\n") == Refusal::bad_request_line);
  CHECK(refusal("QUERY / HTTP/1.1\r\n\r\n") == Refusal::none);
}

TEST_CASE("fields are token, colon, clean value") {
  CHECK(refusal(with("X : 1\r\n")) == Refusal::bad_field_name);
  CHECK(refusal(with(": 1\r\n")) == Refusal::bad_field_name);
  CHECK(refusal(with("X 1\r\n")) == Refusal::bad_field_name);
  CHECK(refusal(with("X\r\n")) == Refusal::bad_field_name);
  CHECK(refusal(with(" X: 1\r\n")) == Refusal::folded_field);
  CHECK(refusal(with("X: 1\r\n\t2\r\n")) == Refusal::folded_field);
  CHECK(refusal(with(std::string("X: a\0b\r\n", 8))) == Refusal::bad_field_value);
  CHECK(refusal(with("X: longer than a word \x7f here\r\n")) == Refusal::bad_field_value);
  CHECK(refusal(with("X: tab\tis fine, and \xc3\xbc too\r\n")) == Refusal::none);
}

TEST_CASE("limits hold at the limit and not one byte above") {
  const std::string line =
      "GET /" + std::string(20, 'a') + " HTTP/1.1\r\n";  // 34 bytes without CR LF
  CHECK(refusal(line + "\r\n", {35, 1000, 10}) == Refusal::none);
  CHECK(refusal(line + "\r\n", {34, 1000, 10}) == Refusal::request_line_too_long);
  const std::string head = with("X: 1\r\n");
  CHECK(refusal(head, {1000, std::uint32_t(head.size()), 10}) == Refusal::none);
  CHECK(refusal(head, {1000, std::uint32_t(head.size()) - 2, 10}) == Refusal::header_too_large);
  CHECK(refusal(head, {1000, 1000, 2}) == Refusal::none);
  CHECK(refusal(head, {1000, 1000, 1}) == Refusal::too_many_fields);
}

TEST_CASE("status lines are version, space, three digits, perhaps a reason") {
  const auto status = [](std::string_view line) {
    return refusal(std::string(line) + "\r\n\r\n", {}, HeadGuard::Kind::response);
  };
  CHECK(status("HTTP/1.1 200 OK") == Refusal::none);
  CHECK(status("HTTP/1.0 404") == Refusal::none);
  CHECK(status("HTTP/1.1 99 X") == Refusal::bad_status_line);
  CHECK(status("HTTP/1.1 600 X") == Refusal::bad_status_line);
  CHECK(status("HTTP/1.1  200 OK") == Refusal::bad_status_line);
  CHECK(status("HTTP/2.0 200 OK") == Refusal::bad_status_line);
  CHECK(status("HTTP/1.1 200 O\x01K") == Refusal::bad_status_line);
}
