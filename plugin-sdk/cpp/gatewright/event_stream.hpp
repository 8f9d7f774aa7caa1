// SPDX-License-Identifier: Apache-2.0
// Event streams (text/event-stream, as the HTML standard has them) out of a body's pieces, wherever
// they are cut: lines end with CR LF, LF or CR, a byte order mark in front is no part of the first
// one, data may have several lines. For an on_response_body with GW_BODY_OBSERVE or GW_BODY_MODIFY;
// one reader for each answer, in the request's state.
#pragma once

#include "gatewright/cpp/value.hpp"

namespace gw {

// One block of the stream, up to and with its empty line. Borrowed until the callback returns.
struct event {
  view raw;   // as it came: what to emit to pass it on (without the LF, if its end was cut CR|LF)
  view type;  // "message" where the stream says nothing
  view data;  // lines joined by LF; absent: nobody is told of this block (comments, an id alone…)
  view id;    // the last one that the stream has said
  int64_t retry = -1;  // ms, of this block
};

class event_stream {
 public:
  // max_bytes: of one block. A longer one is skipped.
  explicit event_stream(size_t max_bytes = 256 * 1024) : max_bytes_(max_bytes) {}

  // Calls f(const event&) for each block that these bytes complete. False when some of a block was
  // skipped because it is too long. What is incomplete when the body ends is no event.
  template <class F>
  bool feed(view bytes, const F& f) {
    bool whole = true;
    for (const char c : bytes) {
      const bool after_cr = after_cr_;
      after_cr_ = c == '\r';
      if (c == '\n' && after_cr) {  // it belongs to the line end before
        if (!block_.empty() && !skipping_) block_ += c;
        continue;
      }
      const bool end_of_line = c == '\n' || c == '\r';
      if (end_of_line && first_) drop_mark();
      const bool empty = end_of_line && line_size_ == 0;
      line_size_ = end_of_line ? 0 : line_size_ + 1;
      if (!skipping_ && block_.size() == max_bytes_) {
        skipping_ = true;
        block_.clear();
      }
      if (skipping_)
        whole = false;
      else
        block_ += c;
      if (empty) finish(f);
    }
    return whole;
  }

 private:
  // A byte order mark in front of the first line.
  void drop_mark() {
    first_ = false;
    if (view(block_).substr(0, 3) != "\xEF\xBB\xBF") return;
    block_.erase(0, 3);
    line_size_ -= 3;
  }

  template <class F>
  void finish(const F& f) {
    if (!skipping_) f(parse());
    skipping_ = false;
    block_.clear();
  }

  event parse() {
    event e;
    e.raw = block_;
    type_.clear();
    data_.clear();
    bool has_data = false;
    for (size_t at = 0; at < block_.size();) {
      const size_t found = block_.find_first_of("\r\n", at);
      const view line = view(block_).substr(at, found - at);
      at = found + (block_.compare(found, 2, "\r\n") == 0 ? 2 : 1);
      if (line.empty() || line[0] == ':') continue;
      const size_t colon = line.find(':');
      const view name = line.substr(0, colon);
      view value = colon == view::npos ? view("", 0) : line.substr(colon + 1);
      if (!value.empty() && value[0] == ' ') value.remove_prefix(1);
      if (name == "event") {
        type_ = value;
      } else if (name == "data") {
        if (has_data) data_ += '\n';
        has_data = true;
        data_ += value;
      } else if (name == "id") {
        if (value.find('\0') == view::npos) id_ = value;
      } else if (name == "retry") {
        read_number(value, e.retry);
      }
    }
    e.type = type_.empty() ? view("message") : view(type_);
    e.data = has_data ? view(data_) : view();
    e.id = id_;
    return e;
  }

  // Digits only; others change nothing.
  static void read_number(view text, int64_t& out) {
    int64_t n = 0;
    for (const char c : text) {
      if (c < '0' || c > '9' || n > INT64_MAX / 10 - 10) return;
      n = n * 10 + (c - '0');
    }
    if (!text.empty()) out = n;
  }

  size_t max_bytes_;
  std::string block_, type_, data_, id_;
  size_t line_size_ = 0;  // bytes of the line so far
  bool first_ = true;     // line of the stream
  bool after_cr_ = false;
  bool skipping_ = false;
};

}  // namespace gw
