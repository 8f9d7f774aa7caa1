// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "world.hpp"

namespace gw::test {
namespace {

struct cell {
  std::string bytes;
  bool counter = false;
  int64_t n = 0;
  uint64_t expires_ns = 0;  // 0: never
  uint64_t cas = 0;
  uint64_t serial = 0;  // the order in which they came
};

struct store_state {
  const world* owner;
  std::string name;
  uint64_t max_bytes, stamp = 0, serial = 0;
  std::map<std::string, cell> cells;
};

std::mutex& lock_of_all() {
  static std::mutex m;
  return m;
}
std::deque<store_state>& all() {
  static std::deque<store_state> stores;
  return stores;
}

gw_store store(gw_cfg* cfg, gw_str name, uint64_t max_bytes, gw_error* error) {
  const std::lock_guard<std::mutex> lock(lock_of_all());
  for (size_t i = 0; i < all().size(); ++i) {
    store_state& s = all()[i];
    if (s.owner != cfg->world || s.name != to_string(name)) continue;
    if (s.max_bytes == max_bytes) return static_cast<gw_store>(i + 1);
    write_error(error, "exists with another size");
    return 0;
  }
  all().push_back(store_state{cfg->world, to_string(name), max_bytes, 0, 0, {}});
  return static_cast<gw_store>(all().size());
}

// Runs f(store, cell or null) under the lock; an expired cell is as good as none.
template <class F>
gw_status with_cell(gw_store id, gw_str key, const F& f) {
  const std::lock_guard<std::mutex> lock(lock_of_all());
  if (id == 0 || id > all().size() || all()[id - 1].owner == nullptr) return GW_E_NOTFOUND;
  store_state& s = all()[id - 1];
  if (s.owner->stores_broken) return GW_E_BUSY;
  if (key.n == 0 || key.n > GW_KV_MAX) return GW_E_TOOBIG;
  auto it = s.cells.find(to_string(key));
  if (it != s.cells.end() && it->second.expires_ns != 0 && it->second.expires_ns <= s.owner->mono) {
    s.cells.erase(it);
    it = s.cells.end();
  }
  return f(s, it == s.cells.end() ? nullptr : &it->second);
}

uint64_t expiry(const store_state& s, uint64_t ttl_ms) {
  return ttl_ms == 0 ? 0 : s.owner->mono + ttl_ms * 1'000'000;
}

gw_status get(gw_store id, gw_str key, void* buf, size_t cap, size_t* len, uint64_t* cas) {
  return with_cell(id, key, [&](store_state&, cell* c) {
    if (c == nullptr) return gw_status{GW_E_NOTFOUND};
    const char* bytes = c->counter ? reinterpret_cast<const char*>(&c->n) : c->bytes.data();
    *len = c->counter ? sizeof c->n : c->bytes.size();
    if (cas != nullptr) *cas = c->cas;
    if (*len > cap) return gw_status{GW_E_TOOBIG};
    std::memcpy(buf, bytes, *len);
    return gw_status{GW_OK};
  });
}

gw_status set(gw_store id, gw_str key, gw_str value, uint64_t ttl_ms, uint64_t cas) {
  return with_cell(id, key, [&](store_state& s, cell* c) {
    if (key.n + value.n > GW_KV_MAX) return gw_status{GW_E_TOOBIG};
    const bool only_if_absent = cas == UINT64_MAX;
    if (only_if_absent && c != nullptr) return gw_status{GW_E_CHANGED};
    if (cas != 0 && !only_if_absent && (c == nullptr || c->cas != cas))
      return gw_status{GW_E_CHANGED};
    const uint64_t serial = c != nullptr ? c->serial : ++s.serial;
    s.cells[to_string(key)] =
        cell{to_string(value), false, 0, expiry(s, ttl_ms), ++s.stamp, serial};
    return gw_status{GW_OK};
  });
}

gw_status del(gw_store id, gw_str key) {
  return with_cell(id, key, [&](store_state& s, cell*) {
    s.cells.erase(to_string(key));
    return gw_status{GW_OK};
  });
}

cell& counter(store_state& s, gw_str key, cell* c, int64_t init, uint64_t ttl_ms) {
  if (c != nullptr && c->counter) return *c;
  cell& fresh = s.cells[to_string(key)];
  const uint64_t serial = c != nullptr ? c->serial : ++s.serial;
  fresh = cell{"", true, init, expiry(s, ttl_ms), 0, serial};
  return fresh;
}

gw_status add(gw_store id, gw_str key, int64_t delta, int64_t init, uint64_t ttl_ms, int64_t* now) {
  return with_cell(id, key, [&](store_state& s, cell* c) {
    cell& to = counter(s, key, c, init, ttl_ms);
    to.n += delta;
    to.cas = ++s.stamp;
    *now = to.n;
    return gw_status{GW_OK};
  });
}

gw_status add_limit(gw_store id, gw_str key, int64_t delta, int64_t limit, uint64_t ttl_ms,
                    int64_t* now) {
  return with_cell(id, key, [&](store_state& s, cell* c) {
    const int64_t have = c != nullptr && c->counter ? c->n : 0;
    *now = have;
    if (have + delta > limit) return gw_status{GW_E_TOOBIG};
    cell& to = counter(s, key, c, 0, ttl_ms);
    to.n = *now = have + delta;
    to.cas = ++s.stamp;
    return gw_status{GW_OK};
  });
}

gw_status next(gw_store id, uint64_t* cursor, gw_kv_entry* entry) {
  if (entry->size < sizeof *entry) return GW_E_INVALID;
  const gw_str any = GW_STR("-");
  return with_cell(id, any, [&](store_state& s, cell*) {
    const std::pair<const std::string, cell>* first = nullptr;
    for (const auto& one : s.cells) {
      const cell& c = one.second;
      if (c.serial <= *cursor || (c.expires_ns != 0 && c.expires_ns <= s.owner->mono)) continue;
      if (first == nullptr || c.serial < first->second.serial) first = &one;
    }
    if (first == nullptr) return gw_status{GW_E_NOTFOUND};
    const auto& [key, c] = *first;
    *cursor = c.serial;
    entry->flags = c.counter ? GW_KV_COUNTER : 0;
    entry->number = c.n;
    entry->expires_ms = c.expires_ns == 0 ? 0 : (c.expires_ns - s.owner->mono) / 1'000'000 + 1;
    entry->key_size = static_cast<uint32_t>(key.size());
    entry->value_size = static_cast<uint32_t>(c.bytes.size());
    key.copy(entry->bytes, key.size());
    c.bytes.copy(entry->bytes + key.size(), c.bytes.size());
    return gw_status{GW_OK};
  });
}

}  // namespace

void forget_stores(const world* w) {
  const std::lock_guard<std::mutex> lock(lock_of_all());
  for (store_state& s : all())
    if (s.owner == w) s = store_state{nullptr, "", 0, 0, 0, {}};
}

const gw_kv_api k_kv_api = {sizeof(gw_kv_api), 0, store, get, set, del, add, add_limit, next};

}  // namespace gw::test
