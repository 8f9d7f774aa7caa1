// SPDX-License-Identifier: Apache-2.0
// Many threads take from the same windows, as workers do.
#include "rate-limiting/counters.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "support/catch.hpp"

using namespace rate_limiting;

namespace {

// A store as gw.kv/1 promises it: each operation in one step. From the call `fail_from` on: busy.
struct FakeStore {
  std::mutex lock;
  std::map<std::string, std::int64_t> counts;
  int calls = 0, fail_from = -1;
};
FakeStore fake;

gw_status add(gw_store, gw_str key, std::int64_t delta, std::int64_t init, std::uint64_t,
              std::int64_t* now) {
  const std::lock_guard guard(fake.lock);
  *now = fake.counts.try_emplace(std::string(key.p, key.n), init).first->second += delta;
  return GW_OK;
}

gw_status add_limit(gw_store, gw_str key, std::int64_t delta, std::int64_t limit, std::uint64_t,
                    std::int64_t* now) {
  const std::lock_guard guard(fake.lock);
  if (fake.fail_from >= 0 && fake.calls++ >= fake.fail_from) return GW_E_BUSY;
  std::int64_t& count = fake.counts[std::string(key.p, key.n)];
  *now = count;
  if (count + delta > limit) return GW_E_TOOBIG;
  *now = count += delta;
  return GW_OK;
}

const gw_kv_api k_api{sizeof(gw_kv_api), 0,   nullptr,   nullptr, nullptr,
                      nullptr,           add, add_limit, nullptr};
const std::vector<std::pair<Period, std::int64_t>> k_limits{
    {Period::second, 600}, {Period::minute, 1'000}, {Period::hour, 5'000}};
constexpr std::int64_t k_moment = 1'795'392'970;

class Taker {
 public:
  explicit Taker(std::int64_t moment) : moment_(moment), windows_(hash_of_scope("", ""), k_limits) {
    windows_.move_to(moment);
  }
  Outcome take() {
    return counters_.take(windows_, {IdentityKind::ip, "10.0.0.1"}, moment_, usage_);
  }
  const Usage& usage() const { return usage_; }

 private:
  std::int64_t moment_;
  Windows windows_;
  LocalCounters counters_{gw::store(&k_api, 1)};
  Usage usage_{};
};

int allowed_over_threads(std::int64_t moment) {
  std::atomic<int> allowed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      Taker taker(moment);
      for (int n = 0; n < 500; ++n) allowed += taker.take() == Outcome::allowed;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return allowed;
}

void start_anew() {
  fake.counts.clear();
  fake.calls = 0;
  fake.fail_from = -1;
}

}  // namespace

TEST_CASE("many takers at once get exactly what the windows hold") {
  start_anew();
  CHECK(allowed_over_threads(k_moment) == 600);
  CHECK(allowed_over_threads(k_moment + 1) == 400);
  CHECK(allowed_over_threads(k_moment + 2) == 0);
  CHECK(allowed_over_threads(k_moment + 60) == 600);
  std::int64_t in_hour = 0;
  for (const auto& [key, count] : fake.counts) in_hour = std::max(in_hour, count);
  CHECK(in_hour == 1'600);
}

TEST_CASE("a store that fails in the middle gets back what was taken") {
  start_anew();
  fake.fail_from = 1;
  Taker taker(k_moment);
  CHECK(taker.take() == Outcome::failed);
  for (const auto& [key, count] : fake.counts) CHECK(count == 0);
}

TEST_CASE("a refusal stands when the store fails after it") {
  start_anew();
  Taker taker(k_moment);
  for (int i = 0; i < 600; ++i) REQUIRE(taker.take() == Outcome::allowed);
  fake.fail_from = 1;
  CHECK(taker.take() == Outcome::refused);
  CHECK(taker.usage().refused_by == 0);
  CHECK(taker.usage().remaining[1] == 0);
}

TEST_CASE("a refusal tells what is left in every window") {
  start_anew();
  Taker taker(k_moment);
  for (int i = 0; i < 600; ++i) REQUIRE(taker.take() == Outcome::allowed);
  Taker next(k_moment + 1);
  for (int i = 0; i < 400; ++i) REQUIRE(next.take() == Outcome::allowed);
  CHECK(next.take() == Outcome::refused);
  CHECK(next.usage().refused_by == 1);
  CHECK(next.usage().remaining[0] == 200);
  CHECK(next.usage().remaining[1] == 0);
  CHECK(next.usage().remaining[2] == 4'000);
}
