// SPDX-License-Identifier: Apache-2.0
// Entities with certificates, and curl as a TLS client of a gateway.
#pragma once

#include <sstream>
#include <string>

#include "certificates.hpp"
#include "gateway_process.hpp"

namespace support {

using gw::test::Authority;
using gw::test::Issued;

inline std::string indented(const std::string& pem) {
  std::string out;
  std::istringstream lines(pem);
  for (std::string line; std::getline(lines, line);) out += "      " + line + "\n";
  return out;
}
inline std::string certificate_entity(const std::string& id, const Issued& issued,
                                      const std::string& names) {
  return "  - id: " + id + "\n    cert: |\n" + indented(issued.certificate) + "    key: |\n" +
         indented(issued.key) + "    snis: [" + names + "]\n";
}

inline constexpr auto k_a = "11111111-1111-4111-8111-111111111111";
inline constexpr auto k_b = "22222222-2222-4222-8222-222222222222";

struct Curl {
  std::uint16_t port;
  std::string authority;  // file
  Finished operator()(const std::string& host, const std::string& path,
                      const std::string& more = "") const {
    const std::string at = host + ":" + std::to_string(port);
    return run_shell("curl -sS --max-time 10 --resolve " + at + ":127.0.0.1 --cacert " + authority +
                     " " + more + " https://" + at + path);
  }
};

inline std::string service(const std::string& name, const std::string& url,
                           const std::string& more = "") {
  return "- name: " + name + "\n  url: " + url + "\n" + more + "  routes: [{paths: [/" + name +
         "]}]\n";
}

inline std::string authority_entity(const char* id, const Authority& authority) {
  return std::string("  - id: ") + id + "\n    cert: |\n" + indented(authority.pem());
}

}  // namespace support
