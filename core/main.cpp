// SPDX-License-Identifier: Apache-2.0
#include "server/command_line.hpp"

int main(int argc, char** argv) { return gw::server::run_command_line(argc, argv); }
