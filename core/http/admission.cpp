// SPDX-License-Identifier: Apache-2.0
#include "http/admission.hpp"

namespace gw::http {

namespace {

net::Address without_port(net::Address address) {
  address.set_port(0);
  return address;
}

}  // namespace

Admission::Entry Admission::enter(const net::Address& client) {
  if (per_address_ == 0) return Entry::uncounted;
  std::size_t& count = clients_[without_port(client)];
  if (count >= per_address_) return Entry::refused;
  ++count;
  return Entry::counted;
}

void Admission::leave(const net::Address& client) {
  const auto found = clients_.find(without_port(client));
  if (found != clients_.end() && --found->second == 0) clients_.erase(found);
}

}  // namespace gw::http
