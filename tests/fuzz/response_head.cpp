// SPDX-License-Identifier: Apache-2.0
// Heads of answers, against the reference reader. The first byte says what was asked: 'H' for HEAD.
#include "fuzz.hpp"
#include "http/parser.hpp"
#include "reference.hpp"

using namespace gw::http;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool head_asked = data[0] == 'H';
  const auto input = fuzz::text(data + 1, size - 1);
  HeadGuard whole, pieces;
  whole.reset(HeadGuard::Kind::response);
  pieces.reset(HeadGuard::Kind::response);
  const auto verdict = whole.look(input, {});
  auto split_verdict = HeadGuard::Verdict::more;
  fuzz::Cuts cuts(input);
  for (std::size_t n = 0; n < input.size() && split_verdict == HeadGuard::Verdict::more;) {
    n += cuts.next(input.size() - n);
    split_verdict = pieces.look(input.substr(0, n), {});
  }
  require(verdict == split_verdict, "whole and in pieces are one");

  const auto expected = reference::read_response(input, head_asked ? "HEAD" : "GET");
  if (verdict != HeadGuard::Verdict::complete) {
    require(!expected.valid || whole.refusal() == Refusal::too_many_fields,
            "a valid head is not refused by the guard");
    return 0;
  }
  static gw::BlockPool pool{16384, 4};
  gw::Arena arena{pool};
  ResponseHead head(arena);
  const auto refusal = parse_response(arena.copy(input.substr(0, whole.end())), whole,
                                      head_asked ? Method::head : Method::get, head);
  require((refusal == Refusal::none) == expected.valid, "parser and reference agree");
  if (!expected.valid) return 0;
  require(whole.end() == expected.end, "the head ends at the same place");
  require(head.status == expected.status && head.reason == expected.reason, "status line");
  require(int(head.body) == int(expected.body), "how the body ends");
  require(head.body != BodyKind::length || head.content_length == expected.length, "length");
  require(head.body != BodyKind::until_close || !head.keep_alive, "such a connection is not kept");
  return 0;
}
