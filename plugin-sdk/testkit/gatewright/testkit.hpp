// SPDX-License-Identifier: Apache-2.0
// Everything of the test kit: drives a plugin's .so in a test, in memory, with a clock of its own.
#pragma once

#include "gatewright/testkit/exchange.hpp"
#include "gatewright/testkit/host.hpp"
#include "gatewright/testkit/mode.hpp"
