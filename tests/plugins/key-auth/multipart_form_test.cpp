// SPDX-License-Identifier: Apache-2.0
#include "key-auth/multipart_form.hpp"

#include "support/catch.hpp"

using namespace key_auth;
using Kind = Finding::Kind;

namespace {

std::string part(const std::string& name, const std::string& content) {
  return "--b\r\nContent-Type: text/plain\r\ncontent-disposition: form-data; name=\"" + name +
         "\"\r\n\r\n" + content + "\r\n";
}

}  // namespace

TEST_CASE("the boundary is read from the content type, quoted or not") {
  CHECK(boundary_of("multipart/form-data; boundary=b") == "b");
  CHECK(boundary_of("multipart/form-data; charset=x; Boundary=\"a; \\\"b\"") == "a; \"b");
  CHECK(boundary_of("multipart/form-data").empty());
  CHECK(boundary_of("multipart/form-data; boundary").empty());
}

TEST_CASE("a part is found by the name in its disposition") {
  const std::string body = part("a", "1") + part("apikey", "x\r\ny") + "--b--\r\n";
  CHECK(find_part(body, "b", "apikey").text == "x\r\ny");
  CHECK(find_part(body, "b", "a").text == "1");
  CHECK(find_part(body, "b", "c").kind == Kind::none);
  CHECK(find_part(body, "", "a").kind == Kind::none);
  CHECK(find_part(part("a", "") + "--b--", "b", "a").kind == Kind::text);
  CHECK(find_part("preamble\r\n" + part("a", "1") + "--b--", "b", "a").text == "1");
}

TEST_CASE("two parts of one name are a duplicate") {
  CHECK(find_part(part("k", "1") + part("k", "2") + "--b--", "b", "k").kind == Kind::duplicate);
}

TEST_CASE("a part that does not end is none") {
  CHECK(find_part(part("k", "1"), "b", "k").kind == Kind::none);
  CHECK(find_part("--b\r\n", "b", "k").kind == Kind::none);
  CHECK(find_part("--b", "b", "k").kind == Kind::none);
}

TEST_CASE("a delimiter inside of a line is content") {
  CHECK(find_part(part("k", "x--b\r\ny") + "--b--", "b", "k").text == "x--b\r\ny");
}

TEST_CASE("taking a part away leaves the others") {
  const std::string end = "--b--\r\nepilogue";
  CHECK(without_part(part("a", "1") + part("k", "x") + part("c", "3") + end, "b", "k") ==
        part("a", "1") + part("c", "3") + end);
  CHECK(without_part(part("k", "x") + end, "b", "k") == end);
  CHECK(without_part(part("a", "1") + end, "b", "k") == part("a", "1") + end);
}
