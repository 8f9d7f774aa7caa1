// SPDX-License-Identifier: Apache-2.0
#include "http/admission.hpp"

#include "catch.hpp"

using gw::http::Admission;
using gw::net::Address;

TEST_CASE("connections of one address are counted, whatever their ports") {
  Admission admission;
  admission.set_limits(10, 2);
  const auto a1 = *Address::parse("10.0.0.1", 1), a2 = *Address::parse("10.0.0.1", 2),
             b = *Address::parse("10.0.0.2", 1);
  CHECK(admission.enter(a1) == Admission::Entry::counted);
  CHECK(admission.enter(a2) == Admission::Entry::counted);
  CHECK(admission.enter(a1) == Admission::Entry::refused);
  CHECK(admission.enter(b) == Admission::Entry::counted);
  admission.leave(a2);
  CHECK(admission.enter(a1) == Admission::Entry::counted);
}

TEST_CASE("without a limit nobody is counted, and the sum decides alone") {
  Admission admission;
  admission.set_limits(1, 0);
  CHECK(admission.enter(*Address::parse("::1", 1)) == Admission::Entry::uncounted);
  CHECK_FALSE(admission.full());
  admission.opened();
  CHECK(admission.full());
  admission.closed();
  CHECK_FALSE(admission.full());
}
