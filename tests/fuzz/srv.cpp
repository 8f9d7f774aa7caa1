// SPDX-License-Identifier: Apache-2.0
// SRV answers, which come from whoever can send a datagram: every record is whole, and one that
// c-ares' own reader finds, too.
#include <ares.h>

#include "fuzz.hpp"
#include "net/dns_records.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto ours = gw::net::parse_srv({data, size});
  if (!ours) return 0;
  ares_srv_reply* theirs = nullptr;
  const bool read = ares_parse_srv_reply(data, int(size), &theirs) == ARES_SUCCESS;
  for (const auto& record : *ours) {
    fuzz::require(!record.host.empty(), "a record has a host");
    bool found = !read;
    for (const auto* one = theirs; one != nullptr && !found; one = one->next)
      found = record.port == one->port && record.priority == one->priority &&
              record.weight == one->weight;
    fuzz::require(found, "c-ares finds the record, too");
  }
  if (theirs != nullptr) ares_free_data(theirs);
  return 0;
}
