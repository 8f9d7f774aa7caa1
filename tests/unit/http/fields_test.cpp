// SPDX-License-Identifier: Apache-2.0
#include "http/fields.hpp"

#include <string>

#include "catch.hpp"

using namespace gw;
using namespace gw::http;

TEST_CASE("names are interned once, in any case") {
  CHECK(find_header("content-TYPE") == HeaderId::content_type);
  CHECK(find_header("x-never-seen") == HeaderId::none);
  const HeaderId id = intern_header("X-Mine");
  CHECK(id != HeaderId::none);
  CHECK(intern_header("x-mine") == id);
  CHECK(header_name(id) == "X-Mine");
  CHECK(intern_header("not a token") == HeaderId::none);
  CHECK(intern_header("") == HeaderId::none);
  // Names that fold alike but differ.
  CHECK(intern_header("x^y") != intern_header("x~y"));
}

TEST_CASE("every well-known name finds its own id") {
  for (std::uint16_t id = 1; id < std::uint16_t(HeaderId::known_count); ++id)
    CHECK(find_header(header_name(HeaderId(id))) == HeaderId(id));
}

TEST_CASE("many names can be interned") {
  for (int i = 0; i < 1500; ++i) {
    const std::string name = "x-many-" + std::to_string(i);
    const HeaderId id = intern_header(name);
    REQUIRE(id != HeaderId::none);
    CHECK(find_header(name) == id);
  }
}

TEST_CASE("fields of several names go at once") {
  BlockPool pool(16384, 1);
  Arena arena(pool);
  Fields fields(arena);
  const HeaderId mine = intern_header("X-Of-A-Plugin");
  fields.add(HeaderId::via, "1.1 a");
  fields.add(HeaderId::accept, "b");
  fields.add(HeaderId::via, "1.1 c");
  fields.add(mine, "d");
  fields.remove_if([mine](HeaderId id) { return id == HeaderId::via || id == mine; });
  CHECK_FALSE(fields.has(HeaderId::via));
  CHECK_FALSE(fields.has(mine));
  CHECK(fields.get(HeaderId::accept) == "b");
  fields.set(HeaderId::via, "1.1 e");
  CHECK(fields.get(HeaderId::via) == "1.1 e");
  CHECK_FALSE(fields.repeated(HeaderId::via));
}

TEST_CASE("fields are found, set, added and removed") {
  BlockPool pool(16384, 1);
  Arena arena(pool);
  Fields fields(arena);
  fields.add(HeaderId::accept, "Accept", "a");
  fields.add(HeaderId::none, "X-Unknown", "u");
  fields.add(HeaderId::accept, "accept", "b");
  CHECK(fields.get(HeaderId::accept) == "a");
  CHECK(fields.repeated(HeaderId::accept));
  CHECK(fields.find("x-unknown")->value() == "u");
  fields.set(HeaderId::accept, "c");
  CHECK(fields.get(HeaderId::accept) == "c");
  CHECK_FALSE(fields.repeated(HeaderId::accept));
  fields.remove(HeaderId::accept);
  CHECK(fields.get(HeaderId::accept).data() == nullptr);
  fields.add(HeaderId::accept, "d");
  CHECK(fields.get(HeaderId::accept) == "d");
  fields.remove("X-UNKNOWN");
  CHECK(fields.find("x-unknown") == nullptr);
}

TEST_CASE("a field behind more than 254 others is found") {
  BlockPool pool(65536, 1);
  Arena arena(pool);
  Fields fields(arena);
  for (int i = 0; i < 300; ++i) fields.add(HeaderId::none, "x", "y");
  fields.add(HeaderId::etag, "late");
  CHECK(fields.get(HeaderId::etag) == "late");
  CHECK_FALSE(fields.has(HeaderId::vary));
}
