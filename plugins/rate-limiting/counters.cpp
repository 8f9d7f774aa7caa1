// SPDX-License-Identifier: Apache-2.0
#include "counters.hpp"

#include <algorithm>

namespace rate_limiting {
namespace {

// Workers read the clock once per turn of their loop, so one may still count in a window that is
// over for another. The start of the window is in the key: a longer life does no harm.
constexpr std::int64_t k_grace_seconds = 2;

}  // namespace

Windows::Windows(const Hash& scope, const std::vector<std::pair<Period, std::int64_t>>& limits)
    : scope_(scope) {
  for (const auto& [period, limit] : limits) windows_[n_++] = Window{period, limit, {}, {}};
}

void Windows::move_to(std::int64_t unix_seconds) {
  for (std::size_t i = 0; i < n_; ++i) {
    Window& window = windows_[i];
    if (window.span.contains(unix_seconds)) continue;
    window.span = span_of(window.period, unix_seconds);
    window.prefix = Key::make_prefix(scope_, window.span.start);
  }
}

// Smallest window first, and what was taken is given back when a larger one refuses. Because
// windows nest and the largest is only ever taken for good, a request that meets a count which is
// about to be given back would be refused by that same larger window anyway: nobody is refused
// who had a place.
Outcome LocalCounters::take(const Windows& windows, const Identity& identity,
                            std::int64_t unix_seconds, Usage& usage) const {
  for (std::size_t i = 0; i < windows.size(); ++i) {
    std::int64_t now = 0;
    const gw_status status = add(windows[i], identity, unix_seconds, 1, &now);
    usage.remaining[i] = std::max<std::int64_t>(windows[i].limit - now, 0);
    if (status == GW_OK) continue;
    give_back(windows, i, identity, unix_seconds, usage);
    if (status != GW_E_TOOBIG) return Outcome::failed;
    usage.remaining[i] = 0;
    usage.refused_by = std::uint32_t(i);
    look(windows, i + 1, identity, unix_seconds, usage);
    return Outcome::refused;
  }
  return Outcome::allowed;
}

gw_status LocalCounters::add(const Window& window, const Identity& identity,
                             std::int64_t unix_seconds, std::int64_t delta,
                             std::int64_t* now) const {
  const Key key(window.prefix, window.period, identity);
  const std::int64_t left = window.span.end - unix_seconds + k_grace_seconds;
  return store_.add_limit(key.view(), delta, window.limit, gw::milliseconds(left * 1000), now);
}

void LocalCounters::give_back(const Windows& windows, std::size_t taken, const Identity& identity,
                              std::int64_t unix_seconds, Usage& usage) const {
  while (taken-- > 0) {
    const Window& window = windows[taken];
    const Key key(window.prefix, window.period, identity);
    const std::int64_t left = window.span.end - unix_seconds + k_grace_seconds;
    std::int64_t now = 0;
    // From 1 if it was evicted since: below 0 would be a place too many.
    if (store_.add(key.view(), -1, 1, gw::milliseconds(left * 1000), &now) != GW_OK) continue;
    usage.remaining[taken] = std::max<std::int64_t>(window.limit - now, 0);
  }
}

void LocalCounters::look(const Windows& windows, std::size_t from, const Identity& identity,
                         std::int64_t unix_seconds, Usage& usage) const {
  for (std::size_t i = from; i < windows.size(); ++i) {
    std::int64_t now = 0;
    const gw_status status = add(windows[i], identity, unix_seconds, 0, &now);
    // GW_E_TOOBIG: the limit was lowered below what is counted already.
    const bool known = status == GW_OK || status == GW_E_TOOBIG;
    usage.remaining[i] = known ? std::max<std::int64_t>(windows[i].limit - now, 0) : 0;
  }
}

}  // namespace rate_limiting
