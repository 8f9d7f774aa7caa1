// SPDX-License-Identifier: Apache-2.0
// Chunked bodies: the same body and the same end whatever pieces they come in, and as the reference
// reader has them.
#include <string>

#include "fuzz.hpp"
#include "http/body_reader.hpp"
#include "http/parser.hpp"
#include "reference.hpp"

using namespace gw::http;
using fuzz::require;

namespace {

struct Read {
  BodyReader reader;
  BodyReader::Verdict verdict = BodyReader::Verdict::more;
  std::string body;
  std::size_t used = 0;
};

void feed(Read& read, std::string_view piece) {
  const std::size_t all = piece.size();
  do {
    read.verdict = read.reader.next(piece);
    if (read.verdict == BodyReader::Verdict::data) read.body += read.reader.bytes();
  } while (read.verdict == BodyReader::Verdict::data);
  read.used += all - piece.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::text(data, size);
  Read whole, pieces;
  whole.reader.start(BodyKind::chunked, 0);
  pieces.reader.start(BodyKind::chunked, 0);
  feed(whole, input);
  fuzz::Cuts cuts(input);
  for (std::size_t at = 0; at < size && pieces.verdict == BodyReader::Verdict::more;) {
    const std::size_t n = cuts.next(size - at);
    feed(pieces, input.substr(at, n));
    at += n;
  }
  require(whole.verdict == pieces.verdict, "whole and in pieces are one");
  if (whole.verdict != BodyReader::Verdict::refused)
    require(whole.body == pieces.body && whole.used == pieces.used, "the same body in pieces");

  const auto expected = reference::read_chunks(input);
  const bool done = whole.verdict == BodyReader::Verdict::done;
  // Trailer sections have limits of which the reference knows nothing.
  const bool limited = whole.reader.refusal() == Refusal::bad_trailer;
  require(done == (expected.end == reference::Chunks::End::done) || limited, "the same end");
  if (!done) return 0;
  require(whole.body == expected.body && whole.used == expected.used, "the same body");
  if (whole.reader.trailers().empty()) return 0;
  static gw::BlockPool pool{16384, 4};
  gw::Arena arena{pool};
  Fields fields(arena);
  parse_trailers(whole.reader.trailers(), whole.reader.trailer_guard(), fields);
  require(!fields.has(HeaderId::content_length) && !fields.has(HeaderId::transfer_encoding) &&
              !fields.has(HeaderId::host),
          "no framing and no routing in trailers");
  return 0;
}
