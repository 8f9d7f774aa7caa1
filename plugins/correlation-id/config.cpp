// SPDX-License-Identifier: Apache-2.0
#include "config.hpp"

namespace correlation_id {
namespace {

Generator generator_of(const std::string& name) {
  if (name == "uuid") return Generator::uuid;
  return name == "tracker" ? Generator::tracker : Generator::uuid_counter;
}

}  // namespace

Config::Config(const gw::config& c)
    : header(c.header_id(c.str("header_name"))),
      generator(generator_of(c.str("generator"))),
      echo_downstream(c.boolean("echo_downstream")) {}

}  // namespace correlation_id
