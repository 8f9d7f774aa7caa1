// SPDX-License-Identifier: Apache-2.0
#include "http/parser.hpp"

#include <string>

#include "catch.hpp"

using namespace gw;
using namespace gw::http;

namespace {

struct Parsed {
  BlockPool pool{16384, 4};
  Arena arena{pool};
  RequestHead request{arena};
  ResponseHead response{arena};
  Refusal refusal = Refusal::none;
};

std::unique_ptr<Parsed> request(std::string_view text) {
  auto out = std::make_unique<Parsed>();
  HeadGuard guard;
  guard.reset(HeadGuard::Kind::request);
  REQUIRE(guard.look(text, {}) == HeadGuard::Verdict::complete);
  out->refusal = parse_request(out->arena.copy(text), guard, out->request);
  return out;
}

std::unique_ptr<Parsed> response(std::string_view text, Method asked = Method::get) {
  auto out = std::make_unique<Parsed>();
  HeadGuard guard;
  guard.reset(HeadGuard::Kind::response);
  REQUIRE(guard.look(text, {}) == HeadGuard::Verdict::complete);
  out->refusal = parse_response(out->arena.copy(text), guard, asked, out->response);
  return out;
}

Refusal refused(std::string_view fields) {
  return request("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n")->refusal;
}

}  // namespace

TEST_CASE("a request is understood") {
  const auto p = request(
      "GET /a/b?c=d HTTP/1.1\r\nhOST: example.com:81\r\nX-Y:  z \t\r\nContent-Length: 0\r\n\r\n");
  REQUIRE(p->refusal == Refusal::none);
  const auto& head = p->request;
  CHECK(head.method == Method::get);
  CHECK(head.path == "/a/b");
  CHECK(head.query == "c=d");
  CHECK(head.host == "example.com:81");
  CHECK(head.fields.find("x-y")->value() == "z");
  CHECK(head.fields.get(HeaderId::host) == "example.com:81");
  CHECK(head.body == BodyKind::none);
  CHECK(head.keep_alive);
}

TEST_CASE("methods that llhttp does not know pass") {
  const auto p = request("BREW /pot HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
  CHECK(p->refusal == Refusal::none);
  CHECK(p->request.method_text == "BREW");
  CHECK(p->request.body == BodyKind::length);
  CHECK(p->request.content_length == 3);
}

TEST_CASE("CONNECT, TRACE and the HTTP/2 preface are refused") {
  CHECK(request("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n")->refusal ==
        Refusal::method_not_allowed);
  CHECK(request("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n")->refusal == Refusal::method_not_allowed);
  CHECK(request("PRI / HTTP/1.1\r\nHost: a\r\n\r\n")->refusal == Refusal::bad_method);
}

TEST_CASE("exactly one way to tell where a body ends") {
  CHECK(refused("Content-Length: 3\r\n") == Refusal::none);
  CHECK(refused("Transfer-Encoding: chunked\r\n") == Refusal::none);
  CHECK(refused("Transfer-Encoding: CHUNKED\r\n") == Refusal::none);
  CHECK(refused("Content-Length: 3\r\nContent-Length: 3\r\n") == Refusal::bad_content_length);
  CHECK(refused("Content-Length: 3, 3\r\n") == Refusal::bad_content_length);
  CHECK(refused("Content-Length: +3\r\n") == Refusal::bad_content_length);
  CHECK(refused("Content-Length: 0x3\r\n") == Refusal::bad_content_length);
  CHECK(refused("Content-Length: \r\n") == Refusal::bad_content_length);
  CHECK(refused("Content-Length: 99999999999999999999\r\n") == Refusal::bad_content_length);
  CHECK(refused("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") ==
        Refusal::bad_transfer_encoding);
  CHECK(refused("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n") ==
        Refusal::bad_transfer_encoding);
  for (const char* coding : {"", "gzip, chunked", ", chunked", "chunked, chunked", "identity",
                             "xchunked", "chunked;q=1"})
    CHECK(refused("Transfer-Encoding: " + std::string(coding) + "\r\n") ==
          Refusal::bad_transfer_encoding);
  CHECK(refused("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") ==
        Refusal::bad_transfer_encoding);
  CHECK(request("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n")->refusal ==
        Refusal::bad_transfer_encoding);
}

TEST_CASE("fields with underscores pass by the policy") {
  intern_header("x-own-key");
  const auto names = [](Underscores policy) {
    const std::string_view text =
        "GET / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\nX_Forwarded-For: b\r\nX_Own_Key: c\r\n"
        "my_field: d\r\nX-Plain: e\r\n\r\n";
    Parsed out;
    HeadGuard guard;
    guard.reset(HeadGuard::Kind::request);
    REQUIRE(guard.look(text, {}) == HeadGuard::Verdict::complete);
    REQUIRE(parse_request(text, guard, out.request, policy) == Refusal::none);
    std::string all;
    for (const Field& field : out.request.fields) all += std::string(field.name()) + " ";
    return all;
  };
  CHECK(names(Underscores::drop_known) == "Host my_field X-Plain ");
  CHECK(names(Underscores::drop) == "Host X-Plain ");
  CHECK(names(Underscores::keep) ==
        "Host Content_Length X_Forwarded-For X_Own_Key my_field X-Plain ");
}

// llhttp 8 refuses some of these, 9 takes them.
TEST_CASE("no tab stands behind what frames a body") {
  CHECK(refused("Content-Length: 3\t\r\n") == Refusal::bad_content_length);
  CHECK(refused("Content-Length: 3 \t \r\n") == Refusal::bad_content_length);
  CHECK(refused("Content-Length: 3  \r\n") == Refusal::none);
  CHECK(refused("Transfer-Encoding: chunked\t\r\n") == Refusal::bad_transfer_encoding);
  CHECK(refused("Transfer-Encoding: chunked \t\r\n") == Refusal::bad_transfer_encoding);
}

TEST_CASE("trailers that frame, route, authenticate or tell how to take the content are left out") {
  const std::string text =
      "Content-Length: 3\r\nX-Sum: 1\r\nhost: b\r\nX-Forwarded-For: 6.6.6.6\r\nIf-Match: a\r\n"
      "Range: bytes=0-\r\nx-consumer-id: 1\r\nCache-Control: a\r\nETag: \"a\"\r\n"
      "Authorization: x\r\nContent-Digest: y\r\n\r\n";
  BlockPool pool{16384, 4};
  Arena arena{pool};
  HeadGuard guard;
  guard.reset(HeadGuard::Kind::trailer);
  REQUIRE(guard.look(text, {}) == HeadGuard::Verdict::complete);
  Fields fields(arena);
  CHECK(parse_trailers(text, guard, fields) == Refusal::none);
  std::string names;
  for (const Field& field : fields) names += std::string(field.name()) + " ";
  CHECK(names == "X-Sum ETag Content-Digest ");
}

TEST_CASE("Host is there once, valid, and agrees with an absolute target") {
  CHECK(request("GET / HTTP/1.1\r\n\r\n")->refusal == Refusal::bad_host);
  CHECK(request("GET / HTTP/1.0\r\n\r\n")->refusal == Refusal::none);
  CHECK(request("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n")->refusal == Refusal::bad_host);
  for (const char* host : {"", "a b", "a,b", "a/b", "u@a", "a:x", "a:99999", "a#b", "a?b", "[::1",
                           "a\\b", "[]", "a%", "a%4", "a%zz", "a%00b", "a%2fb", "a%0d%0ab", "%61"})
    CHECK(request("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n")->refusal ==
          Refusal::bad_host);
  for (const char* host : {"[::1]:80", "%C3%A9.test"})
    CHECK(request("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n")->refusal ==
          Refusal::none);
  const auto absolute = request("GET http://a.b/c?d HTTP/1.1\r\nHost: A.b\r\n\r\n");
  CHECK(absolute->refusal == Refusal::none);
  CHECK(absolute->request.path == "/c");
  CHECK(request("GET http://a.b/ HTTP/1.1\r\nHost: other\r\n\r\n")->refusal == Refusal::bad_host);
}

TEST_CASE("targets have the form that their method may have") {
  for (const char* target :
       {"a", "http://", "http:///", "http://u:p@h/", "ftp://a/", "*", "/a^b", "/a|b"})
    CHECK(request("GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n")->refusal ==
          Refusal::bad_target);
  CHECK(request("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n")->refusal == Refusal::none);
  CHECK(request("GET /?a=b|c HTTP/1.1\r\nHost: h\r\n\r\n")->refusal == Refusal::none);
}

TEST_CASE("only one expectation is known") {
  CHECK(refused("Expect: 100-continue\r\nContent-Length: 1\r\n") == Refusal::none);
  CHECK(refused("Expect: magic\r\n") == Refusal::bad_expectation);
  CHECK(refused("Expect: 100-continue\r\nExpect: 100-Continue\r\n") == Refusal::none);
  CHECK(refused("Expect: 100-continue\r\nExpect: magic\r\n") == Refusal::bad_expectation);
}

TEST_CASE("connections live by version and Connection") {
  const auto lives = [](const char* version, const char* connection) {
    return request(std::string("GET / HTTP/") + version + "\r\nHost: a\r\n" + connection + "\r\n")
        ->request.keep_alive;
  };
  CHECK(lives("1.1", ""));
  CHECK_FALSE(lives("1.1", "Connection: close\r\n"));
  CHECK_FALSE(lives("1.1", "Connection: keep-alive, Close\r\n"));
  CHECK_FALSE(lives("1.0", ""));
  CHECK(lives("1.0", "Connection: Keep-Alive\r\n"));
  CHECK(lives("1.1", "Proxy-Connection: close\r\n"));
}

TEST_CASE("bodies of answers end as the status and the question say") {
  CHECK(response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")->response.body ==
        BodyKind::length);
  CHECK(response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", Method::head)->response.body ==
        BodyKind::none);
  CHECK(response("HTTP/1.1 304 X\r\nContent-Length: 3\r\n\r\n")->response.body == BodyKind::none);
  CHECK(response("HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n")->response.body ==
        BodyKind::none);
  CHECK(response("HTTP/1.1 200 OK\r\n\r\n")->response.body == BodyKind::until_close);
  CHECK_FALSE(response("HTTP/1.1 200 OK\r\n\r\n")->response.keep_alive);
  CHECK(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")->refusal ==
        Refusal::bad_transfer_encoding);
  CHECK(response("HTTP/1.1 200 Fine  by me\r\n\r\n")->response.reason == "Fine  by me");
}
