// SPDX-License-Identifier: Apache-2.0
#include "uuid.hpp"

namespace correlation_id {

std::array<char, 36> uuid_text(std::array<std::uint8_t, 16> random) {
  static constexpr char k_digits[] = "0123456789abcdef";
  random[6] = static_cast<std::uint8_t>((random[6] & 0x0F) | 0x40);  // version 4
  random[8] = static_cast<std::uint8_t>((random[8] & 0x3F) | 0x80);  // variant of RFC 9562
  std::array<char, 36> out;
  char* at = out.data();
  for (std::size_t i = 0; i < random.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
    *at++ = k_digits[random[i] >> 4];
    *at++ = k_digits[random[i] & 15];
  }
  return out;
}

}  // namespace correlation_id
