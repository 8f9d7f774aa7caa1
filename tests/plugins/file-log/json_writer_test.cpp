// SPDX-License-Identifier: Apache-2.0
#include <gatewright/json_writer.hpp>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace {

// As a JSON string. Every text is also put behind others, so that it begins at each address.
std::string written(std::string_view text, std::size_t longest = 8192) {
  gw::byte_buffer out;
  gw::json_writer json(out, longest);
  json.string(text);
  json.finish();
  return std::string(out.text());
}

// What a JSON parser makes of it.
std::string read_back(std::string_view text) {
  return nlohmann::json::parse(written(text)).get<std::string>();
}

const std::string k_instead = "\xEF\xBF\xBD";

}  // namespace

TEST_CASE("every ASCII byte comes back, wherever it stands in texts of every length") {
  for (std::size_t size = 1; size < 50; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      for (int c = 0; c < 0x80; c += (at + 1 == size ? 1 : 13)) {
        text[at] = static_cast<char>(c);
        if (read_back(text) != text) FAIL("byte " << c << " at " << at << " of " << size);
      }
    }
  }
  CHECK(read_back("").empty());
}

TEST_CASE("control bytes, quotes and backslashes are escaped") {
  CHECK(written("a\"b\\c") == R"("a\"b\\c")");
  CHECK(written(std::string("\0\x01\x1f\x7f", 4)) == R"("\u0000\u0001\u001f\u007f")");
  CHECK(written("\r\n\t{\"forged\":1}") == R"("\r\n\t{\"forged\":1}")");
}

TEST_CASE("UTF-8 is kept, and every byte that belongs to none is replaced") {
  const std::string fine = "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 \xED\x9F\xBF \xEE\x80\x80";
  CHECK(read_back(fine) == fine);
  CHECK(read_back("\xFF") == k_instead);
  CHECK(read_back("a\x80z") == "a" + k_instead + "z");
  CHECK(read_back("\xC0\xAF") == k_instead + k_instead);                  // a long form of "/"
  CHECK(read_back("\xE0\x80\xAF") == k_instead + k_instead + k_instead);  // another
  CHECK(read_back("\xED\xA0\x80") == k_instead + k_instead + k_instead);  // a lone surrogate
  CHECK(read_back("\xED\xBF\xBFz") == k_instead + k_instead + k_instead + "z");
  CHECK(read_back("\xF4\x90\x80\x80").size() == 4 * k_instead.size());  // beyond U+10FFFF
  CHECK(read_back("\xE2\x82") == k_instead + k_instead);                // cut off
  CHECK(read_back("0123456789abcdef\xE2\x82\xAC") == "0123456789abcdef\xE2\x82\xAC");
}

TEST_CASE("names in lower case change letters only") {
  std::string all;
  for (int c = 0x21; c < 0x7F; ++c) all += static_cast<char>(c);
  for (std::size_t size = 1; size <= all.size(); ++size) {
    gw::byte_buffer out;
    gw::json_writer json(out);
    const std::string name = all.substr(all.size() - size) + all.substr(0, size);
    json.begin_object();
    json.key_lower(name);
    json.boolean(true);
    json.end_object();
    json.finish();
    std::string expected = name;
    for (char& c : expected)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    CHECK(nlohmann::json::parse(out.text()).contains(expected));
  }
}

TEST_CASE("a text over the limit is cut on the border of a character and says its length") {
  CHECK(written("12345678", 8) == "\"12345678\"");
  CHECK(written("123456789", 8) == "\"12345678\u2026(9 bytes)\"");
  CHECK(written("1234567\xE2\x82\xAC", 8) == "\"1234567\u2026(10 bytes)\"");
  CHECK(written("12345\xF0\x9F\x98\x80", 8) == "\"12345\u2026(9 bytes)\"");
  CHECK(written(std::string(9, '\x80'), 8).size() > 8);
  CHECK(read_back(std::string(1 << 20, '"')).size() < 9000);
}

TEST_CASE("objects, arrays and numbers nest") {
  gw::byte_buffer out;
  gw::json_writer json(out);
  json.begin_object();
  json.key("empty");
  json.begin_object();
  json.end_object();
  json.key("list");
  json.begin_array();
  json.integer(INT64_MIN);
  json.boolean(false);
  json.begin_array();
  json.end_array();
  json.end_array();
  json.member("n", 7);
  json.literal(R"("joined":")");
  json.add("a\"");
  json.add_integer(-1);
  json.add_lower("B\"");
  json.literal("\",");
  json.lower_member("X-\"", "\n");
  json.lower_member(std::string(9000, 'N'), "v");
  json.end_object();
  json.finish();
  CHECK(out.text() == R"({"empty":{},"list":[-9223372036854775808,false,[]],"n":7,)"
                      R"("joined":"a\"-1b\"","x-\"":"\n",")" +
                          std::string(8192, 'n') + "\u2026(9000 bytes)\":\"v\"}");
}
