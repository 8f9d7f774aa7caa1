// SPDX-License-Identifier: Apache-2.0
// Frame: one callback of a plugin while it runs. What may be used in it, and what it was lent.
#pragma once

#include <string>
#include <vector>

#include "gatewright/checking.hpp"
#include "guard.hpp"

namespace gw::checking {

struct known_plugin {
  const void* identity;
  gw_plugin_desc desc;
};

// A slice and what it is of, so that it ends when that changes.
struct loan {
  block memory;
  enum of { anything, value, field } kind;
  uint32_t map, id;
};

struct frame {
  frame(const known_plugin* who, const char* callback, const char* phase_name);
  ~frame();
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

  const known_plugin* plugin;  // null: not known
  const char* function;
  const char* phase;
  gw_req* request = nullptr;
  gw_cfg* config = nullptr;
  bool took_token = false, answered = false, redispatched = false;
  bool may_last = false;  // nobody's request waits
  std::vector<loan> loans;
  uint64_t start_ns;
  frame* outer;
};

// The innermost one of this thread; null: no plugin's code runs that we know of.
frame* current();

const char* name_of(const known_plugin* plugin);

// Reports for the current frame. function null: the callback itself.
void broke(const char* function, const std::string& text);
void broke(const known_plugin* plugin, const char* function, const char* phase,
           const std::string& text);

// Copies what a function gives to the current frame's callback, until it returns. Without a frame:
// as it is.
gw_str lend(gw_str text, const char* source, loan::of kind = loan::anything, uint32_t map = 0,
            uint32_t id = 0);
const void* lend(const void* bytes, size_t n, size_t align, const char* source);
// Ends loans of what was changed.
void end_loans(loan::of kind, uint32_t map, uint32_t id);

const options& settings();

}  // namespace gw::checking
