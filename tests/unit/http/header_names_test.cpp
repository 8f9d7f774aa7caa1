// SPDX-License-Identifier: Apache-2.0
#include "http/header_names.hpp"

#include <string>

#include "support/catch.hpp"

using gw::http::is_field_value;

TEST_CASE("a control byte in a field value is seen wherever it stands") {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'v');
      for (const char bad : {'\0', '\r', '\n', '\x1F', '\x7F'}) {
        text[at] = bad;
        CHECK_FALSE(is_field_value(text));
      }
      for (const char good : {'\t', ' ', '\x80', '\xFF', '~'}) {
        text[at] = good;
        CHECK(is_field_value(text));
      }
    }
  }
  CHECK(is_field_value(""));
}

TEST_CASE("a tab does not hide a control byte beside it") {
  CHECK_FALSE(is_field_value("\t\n"));
  CHECK_FALSE(is_field_value("\tabcdef\n"));
  CHECK_FALSE(is_field_value("abcdefg\t\nabcdefg"));
  CHECK(is_field_value("\t\t\t\t\t\t\t\t\t"));
}
