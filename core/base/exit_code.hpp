// SPDX-License-Identifier: Apache-2.0
// Exit codes of the program, as documented in README.md.
#pragma once

namespace gw {

enum class ExitCode : int {
  ok = 0,
  failed = 1,             // something went wrong at run time
  usage = 2,              // the command line is wrong
  bad_configuration = 3,  // the configuration is not valid
  cannot_listen = 4,      // an address is taken or not ours
  not_found = 5,          // no such file
};

}  // namespace gw
