// SPDX-License-Identifier: Apache-2.0
// In steady state a plain request takes nothing from the general heap: counted in the real binary,
// by a library that is loaded in front of the heap.
#include <cstdlib>
#include <fstream>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

// The heap of the gateways that are started while it lives.
class CountedHeap {
 public:
  CountedHeap() {
    write_file(file_, std::string(8, '\0'));
    ::setenv("COUNTED_ALLOCATIONS", file_.c_str(), 1);
    ::setenv("LD_PRELOAD", GATEWRIGHT_COUNT_ALLOCATIONS, 1);
  }
  ~CountedHeap() {
    ::unsetenv("LD_PRELOAD");
    ::unsetenv("COUNTED_ALLOCATIONS");
  }
  std::uint64_t count() const {
    std::uint64_t n = 0;
    std::ifstream(file_, std::ios::binary).read(reinterpret_cast<char*>(&n), sizeof n);
    return n;
  }

 private:
  Folder folder_;
  std::string file_ = folder_.path + "/allocations";
};

}  // namespace

TEST_CASE("a plain request takes nothing from the heap") {
  CountedHeap heap;
  Origin origin([](Call& call) { call.respond(200, call.request.body); });
  GatewayProcess gateway("services:\n- name: s\n  url: " + origin.url() +
                         "\n  routes:\n  - name: r\n    paths: [/]\n");
  RawClient client(gateway.port());
  const std::string body(20000, 'x');
  const auto ask = [&](int times) {
    for (int i = 0; i < times; ++i) {
      REQUIRE(client.get("/some/path?with=query", "User-Agent: test\r\nAccept: */*\r\n").status ==
              200);
      REQUIRE(client.post("/", body).body.size() == body.size());
    }
  };
  ask(20);  // pools fill
  const std::uint64_t before = heap.count();
  REQUIRE(before > 0);
  ask(200);
  CHECK(heap.count() == before);
}
