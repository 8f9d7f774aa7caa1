// SPDX-License-Identifier: Apache-2.0
#include "http/body_reader.hpp"

#include <string>

#include "catch.hpp"

using gw::http::BodyKind;
using gw::http::BodyReader;
using Verdict = BodyReader::Verdict;

namespace {

struct Read {
  std::string body;
  std::string rest;
  Verdict verdict = Verdict::more;
};

// Feeds in pieces of `step` bytes.
Read read_chunked(std::string_view input, std::size_t step) {
  BodyReader reader;
  reader.start(BodyKind::chunked, 0);
  Read out;
  while (!input.empty() && out.verdict == Verdict::more) {
    std::string_view piece = input.substr(0, step);
    input.remove_prefix(piece.size());
    for (;;) {
      out.verdict = reader.next(piece);
      if (out.verdict != Verdict::data) break;
      out.body += reader.bytes();
    }
    if (out.verdict == Verdict::done) out.rest = std::string(piece) + std::string(input);
  }
  return out;
}

bool refused(std::string_view input) {
  const bool whole = read_chunked(input, input.size()).verdict == Verdict::refused;
  CHECK(whole == (read_chunked(input, 1).verdict == Verdict::refused));
  return whole;
}

}  // namespace

TEST_CASE("chunks are joined, whatever pieces they come in") {
  const std::string wire = "3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n0\r\nT: 1\r\n\r\nGET /next";
  for (std::size_t step = 1; step <= wire.size(); ++step) {
    const auto read = read_chunked(wire, step);
    CHECK(read.verdict == Verdict::done);
    CHECK(read.body == "abc0123456789");
    CHECK(read.rest == "GET /next");
  }
}

TEST_CASE("chunks that parsers disagree about are refused") {
  CHECK(refused("3\nabc\r\n0\r\n\r\n"));
  CHECK(refused("3\r\nabcX\r\n0\r\n\r\n"));
  CHECK(refused("3\r\nabc\n0\r\n\r\n"));
  CHECK(refused("3\rXabc\r\n0\r\n\r\n"));
  CHECK(refused("0x3\r\nabc\r\n0\r\n\r\n"));
  CHECK(refused("-3\r\nabc\r\n0\r\n\r\n"));
  CHECK(refused(" 3\r\nabc\r\n0\r\n\r\n"));
  CHECK(refused("3 \r\nabc\r\n0\r\n\r\n"));
  CHECK(refused("\r\nabc\r\n0\r\n\r\n"));
  CHECK(refused(";x\r\nabc\r\n0\r\n\r\n"));
  CHECK(refused("00000000000000003\r\nabc\r\n0\r\n\r\n"));
  CHECK(refused("FFFFFFFFFFFFFFFF\r\nabc"));
  CHECK(refused("3;" + std::string(300, 'x') + "\r\nabc\r\n0\r\n\r\n"));
  CHECK(refused("3;x\ny\r\nabc\r\n0\r\n\r\n"));
  CHECK(refused("0\r\n\n"));
  CHECK(refused("0\r\nA : b\r\n\r\n"));
  CHECK(refused("0\r\nA: b\r\n c\r\n\r\n"));
  CHECK(refused("0\r\nA: " + std::string(9000, 'x') + "\r\n\r\n"));
}

TEST_CASE("a counted body ends at its length") {
  BodyReader reader;
  reader.start(BodyKind::length, 5);
  std::string_view input = "abcdefg";
  REQUIRE(reader.next(input) == Verdict::data);
  CHECK(reader.bytes() == "abcde");
  CHECK(reader.complete());
  CHECK(reader.next(input) == Verdict::done);
  CHECK(input == "fg");
}

TEST_CASE("no body is complete at once, one until close never is") {
  BodyReader reader;
  reader.start(BodyKind::none, 0);
  CHECK(reader.complete());
  reader.start(BodyKind::until_close, 0);
  std::string_view input = "abc";
  CHECK(reader.next(input) == Verdict::data);
  CHECK(reader.next(input) == Verdict::more);
  CHECK_FALSE(reader.complete());
}
