// SPDX-License-Identifier: Apache-2.0
#include "net/mailbox.hpp"

#include <thread>
#include <vector>

#include "catch.hpp"

using gw::net::Loop;
using gw::net::Mailbox;

TEST_CASE("letters of several threads all arrive, each thread's in order") {
  constexpr int k_threads = 4, k_letters = 2000;
  Loop loop;
  {
    Mailbox mailbox(loop);
    std::vector<int> last(k_threads, -1);
    int arrived = 0;
    bool in_order = true;
    std::vector<std::thread> threads;
    for (int t = 0; t < k_threads; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < k_letters; ++i)
          mailbox.post([&, t, i] {
            in_order = in_order && last[std::size_t(t)] == i - 1;
            last[std::size_t(t)] = i;
            if (++arrived == k_threads * k_letters) loop.stop();
          });
      });
    loop.run();
    for (auto& thread : threads) thread.join();
    CHECK(arrived == k_threads * k_letters);
    CHECK(in_order);
  }
}

TEST_CASE("letters that did not run are dropped with the mailbox") {
  Loop loop;
  auto token = std::make_shared<int>(1);
  {
    Mailbox mailbox(loop);
    mailbox.post([token] {});
    CHECK(token.use_count() == 2);
  }
  CHECK(token.use_count() == 1);
}
