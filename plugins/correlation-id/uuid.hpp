// SPDX-License-Identifier: Apache-2.0
// The text of a random UUID (RFC 9562, version 4) from 16 random bytes.
#pragma once

#include <array>
#include <cstdint>

namespace correlation_id {

std::array<char, 36> uuid_text(std::array<std::uint8_t, 16> random);

}  // namespace correlation_id
