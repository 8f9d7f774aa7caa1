// SPDX-License-Identifier: Apache-2.0
// Request heads: the guard says the same whatever pieces they come in, and guard and parser take
// exactly what the reference reader takes.
#include "fuzz.hpp"
#include "http/parser.hpp"
#include "reference.hpp"

using namespace gw::http;
using fuzz::require;

namespace {

bool over_limit(Refusal refusal) {
  return refusal == Refusal::too_many_fields || refusal == Refusal::header_too_large ||
         refusal == Refusal::request_line_too_long;
}

void compare(const RequestHead& head, const HeadGuard& guard, const reference::Head& expected) {
  require(guard.end() == expected.end, "the head ends at the same place");
  require(head.method_text == expected.method && head.target == expected.target, "first line");
  require(head.minor == expected.minor, "version");
  require(int(head.body) == int(expected.body), "how the body ends");
  require(head.body != BodyKind::length || head.content_length == expected.length, "length");
  require(head.fields.slots() == expected.fields.size(), "number of fields");
  std::size_t i = 0;
  for (const Field& field : head.fields) {
    require(field.name() == expected.fields[i].first, "name");
    require(field.value() == expected.fields[i++].second, "value");
  }
  require(head.path.starts_with('/') || head.path == "*", "the path begins with a slash");
  require(head.minor == 0 || !head.host.empty(), "there is a host");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::text(data, size);
  HeadGuard whole;
  whole.reset(HeadGuard::Kind::request);
  const auto verdict = whole.look(input, {});

  HeadGuard pieces;
  pieces.reset(HeadGuard::Kind::request);
  auto split_verdict = HeadGuard::Verdict::more;
  fuzz::Cuts cuts(input);
  for (std::size_t n = 0; n < size && split_verdict == HeadGuard::Verdict::more;) {
    n += cuts.next(size - n);
    split_verdict = pieces.look(input.substr(0, n), {});
  }
  require(verdict == split_verdict, "whole and in pieces are one");

  const auto expected = reference::read_request(input);
  if (verdict != HeadGuard::Verdict::complete) {
    require(!expected.valid || over_limit(whole.refusal()),
            "a valid head is not refused by the guard");
    return 0;
  }
  require(pieces.end() == whole.end(), "whole and in pieces end alike");
  static gw::BlockPool pool{16384, 4};
  gw::Arena arena{pool};
  RequestHead head(arena);
  const auto refusal =
      parse_request(arena.copy(input.substr(0, whole.end())), whole, head, Underscores::keep);
  require((refusal == Refusal::none) == expected.valid, "parser and reference agree");
  if (expected.valid) compare(head, whole, expected);
  return 0;
}
