// SPDX-License-Identifier: Apache-2.0
// Regex: a user's pattern, made safe to run on a client's bytes. RE2 (linear time) serves whatever
// it understands; patterns with look-around, back-references, possessive or atomic parts go to
// PCRE2's interpreter under a limit on steps, depth and memory. Bytes, not characters: the text is
// never decoded. A compiled one is limited to 1 MiB. Matching allocates in the engine only: RE2 for
// new automaton states and for captures of patterns that are not one-pass. Not for two threads at
// once.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.hpp"

namespace gw::routing {

struct Capture {
  std::string_view name;   // empty for numbered ones
  std::string_view value;  // null data: the group took no part
};

struct RegexOptions {
  bool anchored = true;  // the match begins with the text; all alternatives, not only the first
  bool ignore_case = false;
};

// gave_up: PCRE2 reached its limit, so nothing is known.
enum class RegexOutcome : std::uint8_t { no, yes, gave_up };

class RegexEngine {
 public:
  virtual ~RegexEngine() = default;
  virtual RegexOutcome match(std::string_view text, std::size_t& end) const = 0;
  virtual RegexOutcome capture(std::string_view text, Capture* out) const = 0;
  virtual bool linear() const = 0;
  std::uint32_t groups = 1;  // with group 0, the whole match
};

class Regex {
 public:
  // The most groups of one pattern, with group 0.
  static constexpr std::uint32_t k_most_groups = 100;

  // `(?<name>` and `(?P<name>` both name a group. The error says the pattern, what is wrong with it
  // and at which byte.
  static Result<Regex> compile(std::string_view pattern, RegexOptions options = {});

  // yes: `end` is one behind the last byte of the match (leftmost-first, as Perl's).
  RegexOutcome match(std::string_view text, std::size_t& end) const {
    return engine_->match(text, end);
  }
  // yes: all groups() places of `out` are written, group 0 first; the values are parts of `text`,
  // the names live as long as the regex.
  RegexOutcome capture(std::string_view text, Capture* out) const {
    return engine_->capture(text, out);
  }
  std::uint32_t groups() const { return engine_->groups; }
  // Whether time is linear in the text whatever the text is.
  bool linear() const { return engine_->linear(); }

 private:
  explicit Regex(std::unique_ptr<RegexEngine> engine) : engine_(std::move(engine)) {}
  std::unique_ptr<RegexEngine> engine_;
};

}  // namespace gw::routing
