// SPDX-License-Identifier: Apache-2.0
#include "opentelemetry/attribute_text.hpp"

#include "support/catch.hpp"

namespace {

std::string cleaned(std::string_view text) {
  std::string scratch;
  return std::string(otel::clean_text(text, scratch));
}

std::string redacted(std::string_view query) {
  std::string out;
  otel::append_redacted_query(out, query);
  return out;
}

const std::string k_bad = "\xef\xbf\xbd";

}  // namespace

TEST_CASE("valid UTF-8 passes without a copy") {
  std::string scratch;
  const std::string_view text = "/gr\xc3\xbc\xc3\x9f/\xe2\x82\xac/\xf0\x9f\x98\x80";
  CHECK(otel::clean_text(text, scratch).data() == text.data());
}

TEST_CASE("each byte that is not UTF-8 becomes a replacement character") {
  CHECK(cleaned("a\xff") == "a" + k_bad);
  CHECK(cleaned("\xc0\xaf") == k_bad + k_bad);
  CHECK(cleaned("\xed\xa0\x80") == k_bad + k_bad + k_bad);
  CHECK(cleaned("\xf4\x90\x80\x80") == k_bad + k_bad + k_bad + k_bad);
  CHECK(cleaned("\xe2\x82") == k_bad + k_bad);
  CHECK(cleaned("\xe0\x80\x80z") == k_bad + k_bad + k_bad + "z");
}

TEST_CASE("long text is cut on a character's edge") {
  CHECK(cleaned(std::string(5000, 'x')) == std::string(otel::k_attribute_limit, 'x'));
  const std::string text = std::string(otel::k_attribute_limit - 1, 'x') + "\xe2\x82\xac tail";
  CHECK(cleaned(text) == std::string(otel::k_attribute_limit - 1, 'x'));
  CHECK(cleaned(std::string(5000, '\xff')).size() == otel::k_attribute_limit / 3 * 3);
}

TEST_CASE("values of signature keys are redacted, and no others") {
  CHECK(redacted("q=1&sig=abc&x=2") == "q=1&sig=REDACTED&x=2");
  CHECK(redacted("AWSAccessKeyId=A&Signature=B&X-Goog-Signature=C") ==
        "AWSAccessKeyId=REDACTED&Signature=REDACTED&X-Goog-Signature=REDACTED");
  CHECK(redacted("sig=a=b&sig&signature=x&bigsig=1") == "sig=REDACTED&sig&signature=x&bigsig=1");
  CHECK(redacted("") == "");
  CHECK(redacted("a&&b&") == "a&&b&");
}

TEST_CASE("a Host value is taken apart into name and port") {
  const auto split = [](std::string_view text) {
    const auto host = otel::split_host(text);
    return std::pair(std::string(host.host), host.port);
  };
  CHECK(split("example.com:8080") == std::pair(std::string("example.com"), std::int64_t(8080)));
  CHECK(split("example.com") == std::pair(std::string("example.com"), std::int64_t(-1)));
  CHECK(split("[::1]:443") == std::pair(std::string("::1"), std::int64_t(443)));
  CHECK(split("[::1]") == std::pair(std::string("::1"), std::int64_t(-1)));
  CHECK(split("::1") == std::pair(std::string("::1"), std::int64_t(-1)));
  CHECK(split("a:99999") == std::pair(std::string("a"), std::int64_t(-1)));
  CHECK(split("a:") == std::pair(std::string("a"), std::int64_t(-1)));
}
