// SPDX-License-Identifier: Apache-2.0
// The example plugins, as out_of_tree.cmake has built them.
#include <gatewright/testkit.hpp>
#include <gatewright/testkit/catch2.hpp>

#include "support/catch.hpp"

using gw::test::exchange;

GW_TEST_CASE("both example plugins greet the upstream and turn mallory away") {
  for (const char* file : {"/hello-plugin-c/hello-c.so", "/hello-plugin-cpp/hello-cpp.so"}) {
    gw::test::host host;
    auto& plugin = host.load(GW_EXAMPLES + std::string(file), R"({"greeting": "good morning"})");
    exchange welcome(host, {&plugin});
    CHECK(welcome.run().request_header("x-hello") == "good morning");
    CHECK(welcome.status() == 200);
    exchange mallory(host, {&plugin}, {"GET", "/", {{"X-Hello", "mallory"}}, "", 0, 0});
    mallory.run();
    CHECK(mallory.status() == 403);
    CHECK(mallory.reply()->message == "Not you again");
  }
}

GW_TEST_CASE("the C example refuses a greeting that its memory can't hold") {
  gw::test::host host;
  CHECK_THROWS(host.load(GW_EXAMPLES "/hello-plugin-c/hello-c.so",
                         "{\"greeting\": \"" + std::string(257, 'a') + "\"}"));
}

TEST_CASE("the body rewriter finds its text wherever the body is cut") {
  gw::test::host host;
  auto& plugin = host.load(GW_EXAMPLES "/body-rewriter/body-rewriter.so",
                           R"({"find": "aab", "replace": "[]"})");
  const std::string body = "aabxaaabaab aa";
  for (size_t step = 1; step <= body.size(); ++step) {
    exchange x(host, {&plugin}, {"GET", "/", {}, "", 0, step});
    x.run(200, {{"Content-Type", "text/html"}, {"ETag", "x"}}, body);
    CHECK(x.response_body() == "[]xa[][] aa");
    CHECK_FALSE(x.response_header("etag"));
  }
  exchange image(host, {&plugin});
  CHECK(image.run(200, {{"Content-Type", "image/png"}, {"ETag", "x"}}, body).response_body() ==
        body);
  CHECK(image.response_header("etag") == "x");
}
