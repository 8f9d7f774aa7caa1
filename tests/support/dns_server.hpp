// SPDX-License-Identifier: Apache-2.0
// DnsServer: a real dnsmasq on a port of 127.0.0.1 that knows what it is told here, and nobody
// else. Stopped when it is destroyed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace support {

class DnsServer {
 public:
  // Records as dnsmasq's options, such as "host-record=a.test,127.0.0.1,5" (name, addresses, TTL in
  // seconds). `address`: with port 53 there, which takes a root. Throws if it does not start.
  explicit DnsServer(std::vector<std::string> records, const std::string& address = {});
  ~DnsServer() { stop(); }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  // "127.0.0.1:5353".
  std::string address() const { return address_ + ":" + std::to_string(port_); }
  // Knows these instead, at the same port.
  void change(std::vector<std::string> records);
  // Gone; change() brings it back.
  void stop();
  // Takes questions and is silent, until SIGCONT.
  void signal(int number) const;

 private:
  bool start(const std::vector<std::string>& records);

  std::string address_ = "127.0.0.1";
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
  int said_ = -1;
};

}  // namespace support
