// SPDX-License-Identifier: Apache-2.0
// LineLimit: so many lines of one kind in a second may go to the error log; those above it are
// counted and told in one line when the second is over. For lines that a peer can bring about as
// often as it likes. One loop's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "net/loop.hpp"

namespace gw::net {

class LineLimit {
 public:
  explicit LineLimit(Loop& loop);
  ~LineLimit() { tell(); }
  LineLimit(const LineLimit&) = delete;
  LineLimit& operator=(const LineLimit&) = delete;

  // Lines of each kind; 0: no limit.
  void set(std::uint64_t in_a_second) {
    tell();
    limit_ = in_a_second;
  }
  // Whether this line may be written: its level is, and its kind, which is its text and what it is
  // about (one pair), has not had its share.
  bool allow(log::Level level, std::string_view text, log::Pair about);

 private:
  struct Kind {
    log::Level level;
    std::string key;
    std::uint64_t lines = 0;
  };
  void tell();

  Loop& loop_;
  Deadline deadline_;  // set while there is something to tell
  std::uint64_t limit_ = 0;
  std::uint64_t since_ = 0;  // ms; the second that `kinds_` is of
  std::map<std::pair<std::string, std::string>, Kind> kinds_;
};

}  // namespace gw::net
