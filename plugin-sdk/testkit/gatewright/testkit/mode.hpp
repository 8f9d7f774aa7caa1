// SPDX-License-Identifier: Apache-2.0
// The four ways in which a case runs, and what a host found when it ended:
//
//   in_every_mode([](host& h) { … });            // anywhere: a fresh host each time
//   GW_TEST_CASE("it counts") { host h; … }      // Catch2 (gatewright/testkit/catch2.hpp)
//
// A host takes the mode that is current where it is made.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace gw::test {

class host;

enum class mode {
  plain,      // the host's tables as they are
  checking,   // checking tables; what the host lends dies when the loan ends
              // (gatewright/checking.hpp)
  truncated,  // each table ends where the plugin's minor_required says, at an unreadable page
  split       // bodies come byte by byte, long ones in pieces of odd sizes
};
inline constexpr mode all_modes[] = {mode::plain, mode::checking, mode::truncated, mode::split};

const char* to_string(mode m);
// Of the innermost mode_scope; without one: plain, or checking with GATEWRIGHT_CHECK_PLUGINS=1.
mode current_mode();

// Sets the mode. What hosts that ended within it found (host.hpp: broken_rules) is thrown at its
// end as a std::logic_error, unless another exception is on its way.
class mode_scope {
 public:
  explicit mode_scope(mode m);
  ~mode_scope() noexcept(false);
  mode_scope(const mode_scope&) = delete;
  mode_scope& operator=(const mode_scope&) = delete;

  // The innermost; null: none.
  static mode_scope* current();
  mode which() const { return mode_; }
  void add(const std::vector<std::string>& broken);

 private:
  mode mode_;
  std::vector<std::string> broken_;
  mode_scope* outer_;
};

// Runs it in each mode. What it throws comes out as a std::runtime_error that names the mode.
void in_every_mode(const std::function<void(host&)>& run);
void in_every_mode(const std::function<void()>& run);

}  // namespace gw::test
