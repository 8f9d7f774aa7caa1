// SPDX-License-Identifier: Apache-2.0
#include "net/dns_records.hpp"

#include <ares.h>
#include <unistd.h>

#include <algorithm>

namespace gw::net {

namespace {

constexpr std::uint16_t k_srv = 33, k_internet = 1;  // type and class
constexpr std::size_t k_header = 12;

// Reads a message from its beginning to its end; once something is missing all further reads are
// nothing.
class Reader {
 public:
  explicit Reader(std::span<const unsigned char> message) : message_(message) {}

  bool whole() const { return whole_; }
  void seek(std::size_t at) {
    at_ = at;
    whole_ = whole_ && at <= message_.size();
  }
  std::size_t at() const { return at_; }
  std::uint32_t number(std::size_t bytes) {
    if (!whole_ || message_.size() - at_ < bytes) return whole_ = false, 0;
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < bytes; ++i) out = out << 8 | message_[at_++];
    return out;
  }
  std::uint16_t u16() { return std::uint16_t(number(2)); }
  std::string name() {
    char* text = nullptr;
    long length = 0;
    if (!whole_ || at_ >= message_.size() ||
        ares_expand_name(message_.data() + at_, message_.data(), int(message_.size()), &text,
                         &length) != ARES_SUCCESS)
      return whole_ = false, "";
    at_ += std::size_t(length);
    std::string out = text;
    ares_free_string(text);
    return out;
  }

 private:
  std::span<const unsigned char> message_;
  std::size_t at_ = 0;
  bool whole_ = true;
};

// A datagram socket finds its route when it connects, and sends nothing.
bool has_route(Address address) {
  const int fd = ::socket(address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  address.set_port(53);
  const bool found = ::connect(fd, &address.any, address.size()) == 0;
  ::close(fd);
  return found;
}

}  // namespace

std::optional<std::vector<SrvRecord>> parse_srv(std::span<const unsigned char> message) {
  Reader in(message);
  in.seek(4);
  const std::uint16_t questions = in.u16(), answers = in.u16();
  in.seek(k_header);
  for (int i = 0; i < questions && in.whole(); ++i) {
    in.name();
    in.number(4);
  }
  std::vector<SrvRecord> out;
  for (int i = 0; i < answers && in.whole(); ++i) {
    in.name();
    const std::uint16_t type = in.u16(), of = in.u16();
    SrvRecord record;
    record.ttl = in.number(4);
    const std::size_t size = in.u16();
    const std::size_t end = in.at() + size;
    if (type == k_srv && of == k_internet) {
      record.priority = in.u16();
      record.weight = in.u16();
      record.port = in.u16();
      record.host = in.name();
      if (record.host.empty()) record.host = ".";
      if (in.whole() && in.at() == end) out.push_back(std::move(record));
    }
    in.seek(end);
  }
  if (!in.whole()) return std::nullopt;
  return out;
}

std::vector<Endpoint> to_endpoints(std::vector<Address> addresses, bool prefer_v6) {
  // Servers turn the order round with each answer.
  std::sort(addresses.begin(), addresses.end(),
            [](const Address& a, const Address& b) { return a.ip() < b.ip(); });
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  std::vector<Address> v4, v6;
  for (const Address& address : addresses) (address.is_v6() ? v6 : v4).push_back(address);
  if (!v4.empty()) std::erase_if(v6, [](const Address& address) { return !has_route(address); });
  const auto& first = prefer_v6 ? v6 : v4;
  const auto& second = prefer_v6 ? v4 : v6;
  std::vector<Endpoint> out;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    Endpoint endpoint;
    endpoint.address = i < first.size() ? first[i] : second[i];
    if (i < first.size() && i < second.size()) endpoint.alternative = second[i];
    out.push_back(std::move(endpoint));
  }
  return out;
}

}  // namespace gw::net
