// SPDX-License-Identifier: Apache-2.0
// The Date field's value (RFC 9110 5.6.7), made once for each second.
#pragma once

#include <cstdint>
#include <string_view>

namespace gw::http {

// Valid until the next call on this thread.
std::string_view http_date(std::uint64_t unix_seconds);

}  // namespace gw::http
