// SPDX-License-Identifier: Apache-2.0
// What passes between a host and its plugin, call by call, as text:
//
//   on_request(req, self)
//     hdr_get(req, 0, 3) = "1"
//     = 0
//
// For comparing what a plugin does in two hosts. Pointers are shown as what they are, never as
// numbers, so that two runs give the same text.
#pragma once

#include <string>

namespace gw::test {

// Hosts that are made in it write down what passes between them and their plugin: one plugin at a
// time in the process (another one throws std::logic_error). Not in mode::checking or truncated.
class trace_scope {
 public:
  trace_scope();
  ~trace_scope();
  trace_scope(const trace_scope&) = delete;
  trace_scope& operator=(const trace_scope&) = delete;

  std::string text() const;
};

}  // namespace gw::test
