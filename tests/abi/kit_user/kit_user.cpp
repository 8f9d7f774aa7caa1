// SPDX-License-Identifier: Apache-2.0
// A test that a stranger writes, with what the SDK offers: kit_user PLUGIN.so.
#include <cstdio>
#include <gatewright/testkit.hpp>
#include <stdexcept>

int main(int, char** argv) {
  try {
    gw::test::in_every_mode([&](gw::test::host& h) {
      auto& plugin = h.load(argv[1], R"({"header": "X-Tag", "value": "blue"})");
      gw::test::request_spec request;
      request.target = "/a?b=1";
      gw::test::exchange x(h, {&plugin}, request);
      if (x.run().request_header("x-tag") != "blue") throw std::runtime_error("no X-Tag");
    });
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "%s\n", error.what()), 1;
  }
  return 0;
}
