// SPDX-License-Identifier: Apache-2.0
// Modules that say nonsense of themselves are refused with a reason.
#include "plugin/descriptor.hpp"

#include <cstring>

#include "catch.hpp"
#include "unit/plugin/world.hpp"

using namespace gw::plugin;

namespace {

gw_plugin_desc good() {
  gw_plugin_desc d{};
  d.size = sizeof d;
  d.name = "good";
  return d;
}

std::string fault(const gw_plugin_desc& desc) {
  const auto copied = copy_descriptor(&desc);
  return copied.ok() ? "" : copied.error().text;
}

bool says(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

struct Module {
  gw_plugin_desc desc = good();
  const gw_plugin_desc* list[1] = {&desc};
  gw_module module = GW_MODULE(1, list);
  NoteInfo note{1, 0, 0, 1, {"good"}, GW_ABI_DRAFT};
  std::string fault() const {
    const auto checked = check_module(&module, note);
    return checked.ok() ? "" : checked.error().text;
  }
};

}  // namespace

TEST_CASE("a descriptor is copied as far as both sides know it") {
  struct {
    gw_plugin_desc desc = good();
    char newer[64];
  } longer;
  std::memset(longer.newer, 0xFF, sizeof longer.newer);
  longer.desc.size = sizeof longer;
  const auto copied = copy_descriptor(&longer.desc);
  REQUIRE(copied.ok());
  CHECK(copied.value().size == sizeof(gw_plugin_desc));
  CHECK(std::string(copied.value().name) == "good");
}

TEST_CASE("a descriptor that is too short, absurdly long or no descriptor is refused") {
  CHECK(says(copy_descriptor(nullptr).error().text, "is NULL"));
  alignas(16) char bytes[sizeof(gw_plugin_desc) + 1] = {};
  CHECK(says(copy_descriptor(reinterpret_cast<gw_plugin_desc*>(bytes + 1)).error().text,
             "is not aligned to 8 bytes"));
  auto d = good();
  for (const std::uint32_t size :
       {std::uint32_t{0}, std::uint32_t{4}, std::uint32_t(sizeof d - 1), ~std::uint32_t{0}}) {
    d.size = size;
    CHECK(says(fault(d), "says that it has " + std::to_string(size) + " bytes"));
  }
}

TEST_CASE("names and texts are looked at before they are used") {
  auto d = good();
  const std::string endless(2 << 20, 'a');
  for (const char* name :
       {static_cast<const char*>(nullptr), "", "Upper", "a b", "a/b", "a\nb", endless.c_str()}) {
    d.name = name;
    CHECK(says(fault(d), "a plugin's name is not of a-z, 0-9 and -"));
  }
  d = good();
  d.version = endless.c_str();
  CHECK(says(fault(d), "its version is longer than 64 bytes"));
  d = good();
  d.schema = endless.c_str();
  CHECK(says(fault(d), "its schema is longer than 1 MiB"));
}

TEST_CASE("numbers out of range and bits without a meaning are refused") {
  auto d = good();
  d.flags = 1u << 20;
  CHECK(says(fault(d), "a bit is set"));
  d = good();
  d.protocols = 1;
  CHECK(says(fault(d), "a bit is set"));
  d = good();
  d.rsv = 1;
  CHECK(says(fault(d), "a bit is set"));
  for (const std::uint32_t align : {3u, 32u, 0x80000000u}) {
    d = good();
    d.req_state_align = align;
    CHECK(says(fault(d), "expected a power of two up to 16"));
  }
  d = good();
  d.req_state_size = ~0u;
  CHECK(says(fault(d), "req_state_size"));
}

TEST_CASE("collections are looked at one by one") {
  gw_collection_desc one{sizeof one, 0, "one_secrets", nullptr, nullptr};
  gw_collection_desc other = one;
  const gw_collection_desc* list[2] = {&one, &other};
  auto d = good();
  d.ncollections = 1;
  CHECK(says(fault(d), "its list of 1 collections is NULL"));
  d.collections = list;
  CHECK(fault(d).empty());
  d.ncollections = 2;
  CHECK(says(fault(d), "collection one_secrets is listed twice"));
  d.ncollections = 5000;
  CHECK(says(fault(d), "expected at most 64"));
  d.ncollections = 1;
  list[0] = nullptr;
  CHECK(says(fault(d), "is NULL"));
  list[0] = &one;
  one.size = 8;
  CHECK(says(fault(d), "says that it has 8 bytes"));
  one.size = sizeof one;
  one.name = nullptr;
  CHECK(says(fault(d), "a collection's name"));
  one.name = "routes";
  CHECK(says(fault(d), "a collection's name"));
  one.name = "one_secrets";
  one.flags = 1;
  CHECK(says(fault(d), "its flags are not 0"));
}

TEST_CASE("a module is what its note promised, and readable as far as it says") {
  CHECK(Module().fault().empty());
  const auto checked = check_module(nullptr, {1, 0, 0, 1, {}});
  CHECK(says(checked.error().text, "its module is NULL"));
  const auto broken = [](auto&& change) {
    Module m;
    change(m);
    return m.fault();
  };
  CHECK(says(broken([](Module& m) { m.module.size = 8; }), "says that it has 8 bytes"));
  CHECK(says(broken([](Module& m) { m.module.n = 0; }), "it offers no plugin"));
  CHECK(says(broken([](Module& m) { m.module.n = 65; }), "expected at most 64"));
  CHECK(says(broken([](Module& m) { m.module.n = ~0u; }), "expected at most 64"));
  CHECK(says(broken([](Module& m) { m.module.plugins = nullptr; }), "is NULL"));
  CHECK(says(broken([](Module& m) { m.list[0] = nullptr; }), "a plugin's descriptor is NULL"));
  CHECK(says(broken([](Module& m) { m.desc.size = 3; }), "says that it has 3 bytes"));
  CHECK(says(broken([](Module& m) { m.module.minor_required = 9; }), "needs plugin ABI 1.9"));
  CHECK(says(broken([](Module& m) { m.note.count = 2; }), "its note promises 2"));
  CHECK(says(broken([](Module& m) { ++m.module.draft; }), "and its note promises 1.0 (draft"));
}

TEST_CASE("a plugin or a collection has one owner") {
  world::Worker w;
  gw_collection_desc keys{sizeof keys, 0, "test_credentials", nullptr, "key"};
  const gw_collection_desc* list[1] = {&keys};
  gw_plugin_desc first = good(), second = good(), third = good();
  first.collections = third.collections = list;
  first.ncollections = third.ncollections = 1;
  third.name = "third";
  REQUIRE(w.registry->add(&first, "first.so").ok());
  CHECK(says(w.registry->add(&second, "second.so").error().text,
             "plugin \"good\" is loaded already from first.so"));
  CHECK(says(w.registry->add(&third, "third.so").error().text,
             "owns the collection test_credentials, which belongs to good already"));
  CHECK(w.registry->plugins().size() == 1);
}

TEST_CASE("a schema that is none is refused, and so is a plugin that does not want to start") {
  world::Worker w;
  gw_plugin_desc d = good();
  d.schema = "{\"type\": \"objekt\"";
  CHECK(says(w.registry->add(&d, "x.so").error().text, "schema of good"));
  d = good();
  d.plugin_init = [](const gw_host*, void**, gw_error* error) -> gw_status {
    std::memset(error->msg, 'x', sizeof error->msg);  // without an end
    return GW_E_INVALID;
  };
  const auto why = w.registry->add(&d, "x.so").error().text;
  CHECK(says(why, "plugin good cannot start: xxx"));
  CHECK(why.size() < 600);
}
