// SPDX-License-Identifier: Apache-2.0
#include "http/error_page.hpp"

#include "catch.hpp"

using namespace gw::http;

namespace {

ErrorFormat chosen(std::string_view accept) { return choose_format(accept, ErrorFormat::plain); }

std::string page(ErrorFormat format) {
  std::string out;
  append_page(out, format, {404, "no \"such\" <thing>", "no_route", "abc"});
  return out;
}

}  // namespace

TEST_CASE("the format follows Accept and its q values") {
  CHECK(chosen("") == ErrorFormat::plain);
  CHECK(chosen("*/*") == ErrorFormat::plain);
  CHECK(chosen("image/png") == ErrorFormat::plain);
  CHECK(chosen("application/json") == ErrorFormat::json);
  CHECK(chosen("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8") ==
        ErrorFormat::html);
  CHECK(chosen("text/html;q=0.3, application/json;q=0.5") == ErrorFormat::json);
  CHECK(chosen("application/problem+json") == ErrorFormat::problem_json);
  CHECK(chosen("text/xml") == ErrorFormat::xml);
  CHECK(chosen("application/json;q=0, text/plain;q=0.1") == ErrorFormat::plain);
}

TEST_CASE("pages are escaped for their format") {
  CHECK(page(ErrorFormat::json) ==
        "{\n  \"message\":\"no \\\"such\\\" <thing>\",\n  \"request_id\":\"abc\"\n}");
  CHECK(page(ErrorFormat::plain) == "no \"such\" <thing>\nrequest_id: abc");
  CHECK(page(ErrorFormat::html).find("no &quot;such&quot; &lt;thing&gt;.") != std::string::npos);
  CHECK(page(ErrorFormat::xml).find("<message>no &quot;such&quot; &lt;thing&gt;</message>") !=
        std::string::npos);
  CHECK(page(ErrorFormat::problem_json).find("\"code\":\"no_route\"") != std::string::npos);
}

TEST_CASE("statuses have Kong's default messages") {
  CHECK(default_message(504) == "The upstream server is timing out");
  CHECK(default_message(418) == "An unexpected error occurred");
  CHECK(default_message(409) == "Conflict");
}
