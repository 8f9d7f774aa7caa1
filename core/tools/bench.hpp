// SPDX-License-Identifier: Apache-2.0
// What a plugin costs per request: the gateway's own plugin layer runs it over one request again
// and again, without sockets, and what the same requests cost without it is taken off.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gw::tools {

struct Bench {
  std::string plugin;          // the .so
  std::string name;            // of a file with several plugins; empty: its first
  std::string options = "{}";  // JSON
  std::string method = "GET", target = "/";
  std::vector<std::string> headers;                 // "Name: value"
  std::uint64_t request_body = 0, answer_body = 0;  // bytes
  std::uint64_t requests = 20000;                   // in each of the rounds
  bool json = false;
};

// Prints the figures. The exit status: 1 when the plugin fails or waits, 2 for a wrong header, 3
// for options that its schema refuses, 5 no such file.
int bench_plugin(const Bench& wanted);

}  // namespace gw::tools
