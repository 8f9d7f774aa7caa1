// SPDX-License-Identifier: Apache-2.0
// The tracestate header of W3C Trace Context: a list of at most 32 members key=value, which other
// tracing systems use and which this gateway hands on. It adds no member of its own: it has nothing
// to say there that traceparent does not say, and other systems' members keep their places.
//
// A list is kept whole or not at all: one member that breaks the grammar makes it invalid. A key
// that stands twice is kept once, the left (newest) one. A list longer than k_tracestate_limit is
// cut by whole members, those of more than 128 characters first, then from the right.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace otel {

inline constexpr std::size_t k_tracestate_members = 32;
// The specification asks for 512 at least; twice that carries every real list seen so far, and
// bounds what a caller can make us store with a span.
inline constexpr std::size_t k_tracestate_limit = 1024;

class TraceState {
 public:
  // Takes the members of one header field; several fields are added in their order, which combines
  // them. The views must outlive this object. False when the list became invalid.
  [[nodiscard]] bool add(std::string_view field);

  // Applies the limit on the length. To be called once, after the last field.
  void truncate();

  [[nodiscard]] bool empty() const { return count_ == 0; }
  // Length of the list when written with a comma between members and no spaces.
  [[nodiscard]] std::size_t size() const;
  // Writes size() characters.
  void write(char* out) const;

 private:
  bool add_member(std::string_view member);
  void drop(std::size_t index);

  std::array<std::string_view, k_tracestate_members> members_{};
  std::array<std::size_t, k_tracestate_members> key_sizes_{};
  std::size_t count_ = 0;
};

}  // namespace otel
