// SPDX-License-Identifier: Apache-2.0
// TlsStaple: what an authority has said of a certificate (OCSP), to be shown with it, so that
// clients need not ask the authority themselves.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace gw::net {

struct TlsStaple {
  std::string der;              // empty: none
  std::int64_t good_until = 0;  // seconds since 1970; it is not shown afterwards

  // base64: of the response as DER, with or without line ends. certificate: PEM, the first one
  // counts. An error unless it says that this certificate is good, at whatever time.
  static Result<TlsStaple> read(std::string_view base64, std::string_view certificate);
};

}  // namespace gw::net
