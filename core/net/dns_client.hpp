// SPDX-License-Identifier: Apache-2.0
// DnsClient: asks the hosts file and DNS servers what a name stands for, on the loop (c-ares).
// Remembers nothing: that is the Resolver's part.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"

namespace gw::net {

// One place that a name stands for.
struct Endpoint {
  Address address;                     // its port is the record's for SRV, else 0: the asker's
  std::optional<Address> alternative;  // of the other family: to be tried when `address` is slow
  std::uint16_t weight = 0;            // of an SRV record; 0: none, the asker's
  std::string name{};                  // the target of an SRV record; empty: none

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct DnsOptions {
  std::vector<std::string>
      servers;  // "10.0.0.1", "10.0.0.1:5353", "[::1]:53"; empty: resolv_conf's
  std::string resolv_conf = "/etc/resolv.conf";
  // The whole process has one: that of the first client.
  std::string hosts_file = "/etc/hosts";
  // Records, asked for in turn until there are some: SRV, A, AAAA. A and AAAA beside each other are
  // asked for at once, and the first of them is preferred. LAST: begin with what was there before.
  // CNAME says nothing: they are followed. Names like _http._tcp.example are asked for SRV first.
  std::vector<std::string> order{"A", "AAAA"};
  std::uint64_t timeout = 5000;  // ms, for each server

  friend bool operator==(const DnsOptions&, const DnsOptions&) = default;
};

struct DnsAnswer {
  enum class Status : std::uint8_t { found, not_found, failed };
  Status status = Status::not_found;
  std::vector<Endpoint> endpoints{};  // in an order of its own, the same for the same records
  std::uint64_t ttl = 0;              // ms, the shortest of the records'
  std::string_view records{};         // "SRV" or "A/AAAA": which there were
  std::string why{};                  // there are none
};

class DnsClient {
 public:
  // The error says what is wrong with the servers, or the file.
  static Result<std::unique_ptr<DnsClient>> make(Loop& loop, const DnsOptions& options);
  // What was asked is forgotten. May be destroyed within a callback.
  ~DnsClient();
  DnsClient(const DnsClient&) = delete;
  DnsClient& operator=(const DnsClient&) = delete;

  // Calls back once on the loop's thread, never inside this call. `last`: what there was before.
  using Callback = std::function<void(DnsAnswer)>;
  void ask(std::string_view name, std::string_view last, Callback callback);

 private:
  struct Channel;
  struct Question;
  DnsClient(Loop& loop, const DnsOptions& options);
  void run();

  Loop& loop_;
  const DnsOptions options_;
  std::unique_ptr<Channel> channel_;
  std::list<Question> questions_;
  Deadline turn_;  // what is new is asked, what is answered is told
};

}  // namespace gw::net
