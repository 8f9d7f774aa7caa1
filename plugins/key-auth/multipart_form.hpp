// SPDX-License-Identifier: Apache-2.0
// The parts of a multipart/form-data body (RFC 7578, RFC 2046 5.1), found by their boundaries;
// taking one away leaves the other parts as they were. Without a boundary there are no parts.
#pragma once

#include <string_view>

#include "finding.hpp"

namespace key_auth {

// The parameter "boundary" of a Content-Type; empty when there is none.
std::string boundary_of(std::string_view content_type);
Finding find_part(std::string_view body, std::string_view boundary, std::string_view name);
std::string without_part(std::string_view body, std::string_view boundary, std::string_view name);

}  // namespace key_auth
