// SPDX-License-Identifier: Apache-2.0
#include <gatewright/event_stream.hpp>
#include <vector>

#include "support/catch.hpp"

namespace {

using Pieces = std::vector<std::string>;

// What comes of a stream that arrives in these pieces: "type|data|id|retry" for each event.
std::string read(const Pieces& pieces, std::size_t limit = 1000, bool* whole = nullptr) {
  gw::event_stream stream(limit);
  std::string out;
  for (const std::string& piece : pieces) {
    const bool all = stream.feed(piece, [&](const gw::event& e) {
      if (gw::absent(e.data)) return;
      out += gw::join(e.type, "|", e.data, "|", e.id, "|", std::to_string(e.retry), "\n");
    });
    if (whole != nullptr && !all) *whole = false;
  }
  return out;
}

// In one piece, in single bytes, and cut in two at every place.
void check(const std::string& stream, const std::string& expected) {
  INFO(stream);
  CHECK(read({stream}) == expected);
  Pieces bytes;
  for (const char c : stream) bytes.emplace_back(1, c);
  CHECK(read(bytes) == expected);
  for (std::size_t i = 0; i <= stream.size(); ++i) {
    INFO(i);
    CHECK(read({stream.substr(0, i), stream.substr(i)}) == expected);
  }
}

}  // namespace

TEST_CASE("an event stream is read wherever it is cut, with each line end") {
  for (const std::string end : {"\n", "\r", "\r\n"}) {
    const auto lines = [&](const Pieces& all) {
      std::string out;
      for (const std::string& line : all) out += line + end;
      return out;
    };
    check(lines({"data: a", "", "event: e", "data: b", "data:", "data:  c", "id: 7", "", ""}),
          "message|a||-1\ne|b\n\n c|7|-1\n");
    check(lines({"\xEF\xBB\xBF"
                 "data: a",
                 "", "data", "", "retry: 10", "data:x:y", "", ": nobody is told", ""}),
          "message|a||-1\nmessage|||-1\nmessage|x:y||10\n");
    check(lines({"id: 1", "data: a", "", "data: b", "", "id", "data: c", ""}),
          "message|a|1|-1\nmessage|b|1|-1\nmessage|c||-1\n");
    check(lines({"", "", "\xEF\xBB\xBF", "data: late mark", "", "unknown: x", "retry: 1x",
                 "data: y", ""}),
          "message|late mark||-1\nmessage|y||-1\n");
  }
  check("data: a\r\rdata: b\n\ndata: c\r\n\r\ndata: incomplete\n",
        "message|a||-1\nmessage|b||-1\nmessage|c||-1\n");
  check("\xEF\xBB\xBF\ndata: a\n\n", "message|a||-1\n");
}

TEST_CASE("an id with a NUL changes nothing") {
  check(std::string("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", 32),
        "message|a|1|-1\nmessage|b|1|-1\n");
}

TEST_CASE("blocks put together again are the stream, also those nobody is told of") {
  const std::string stream = "data: a\n\n: a comment\n\nid: 1\n\nevent: x\r\ndata: b\r\n\r\n";
  for (std::size_t i = 0; i <= stream.size(); ++i) {
    gw::event_stream reader;
    std::string out;
    int told = 0;
    const auto take = [&](const gw::event& e) {
      out += e.raw;
      told += gw::present(e.data);
    };
    reader.feed(gw::view(stream).substr(0, i), take);
    reader.feed(gw::view(stream).substr(i), take);
    CHECK(told == 2);
    // It ended with the CR: the LF behind it, which nobody needs, came later.
    CHECK(out == stream.substr(0, stream.size() - 1));
  }
}

TEST_CASE("a block that is too long is skipped, and the next one is read") {
  bool whole = true;
  CHECK(read({"data: ", std::string(40, 'x') + "\n", "more\n\ndata: b\n\n"}, 32, &whole) ==
        "message|b||-1\n");
  CHECK_FALSE(whole);
  whole = true;
  CHECK(read({"data: " + std::string(24, 'x') + "\n\n"}, 32, &whole).size() == 24 + 13);
  CHECK(whole);
}
