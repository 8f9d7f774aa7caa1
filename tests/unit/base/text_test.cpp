// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include "catch.hpp"

using namespace gw;

TEST_CASE("pieces are joined") { CHECK(cat("a", 'b', 3, -4, std::string("c")) == "ab3-4c"); }

TEST_CASE("numbers are whole or nothing") {
  CHECK(to_u64("18446744073709551615") == 18446744073709551615ull);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "18446744073709551616", "0x1"})
    CHECK_FALSE(to_u64(bad));
}

TEST_CASE("strings are split and trimmed") {
  CHECK(split(" a, b ,,c", ',') == std::vector<std::string_view>{"a", "b", "", "c"});
  CHECK(split("", ',').size() == 1);
  CHECK(trim(" \tx\t ") == "x");
  CHECK(iequals("aBc", "AbC"));
  CHECK_FALSE(iequals("abc", "abcd"));
}

TEST_CASE("case is ignored of letters alone, wherever in the text they stand") {
  for (std::size_t n = 1; n <= 20; ++n) {
    for (std::size_t at = 0; at < n; ++at) {
      for (int a = 0; a < 256; ++a) {
        std::string one(n, 'x'), other(n, 'X');
        one[at] = char(a);
        for (const int b : {a, a ^ 0x20, a ^ 0x80, (a + 1) & 0xFF}) {
          other[at] = char(b);
          const bool same = gw::to_lower(char(a)) == gw::to_lower(char(b));
          if (iequals(one, other) != same)
            FAIL("bytes " << a << " and " << b << " at " << at << " of " << n);
        }
      }
    }
  }
}

TEST_CASE("the closest word is suggested, a far one is not") {
  CHECK(closest("servces", {"routes", "services"}) == "services");
  CHECK(closest("zzz", {"routes", "services"}).empty());
}

TEST_CASE("JSON strings are escaped and valid UTF-8") {
  const auto json = [](std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
  };
  CHECK(json("a\"b\\c\n\x01") == "\"a\\\"b\\\\c\\n\\u0001\"");
  CHECK(json("\xc3\xbc\xf0\x9f\x98\x80") == "\"\xc3\xbc\xf0\x9f\x98\x80\"");
  CHECK(json("x\xff\xc3y") == "\"x\xEF\xBF\xBD\xEF\xBF\xBDy\"");
  CHECK(json("\xed\xa0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}
