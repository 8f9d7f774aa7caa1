// SPDX-License-Identifier: Apache-2.0
// gw.kv/1 over the stores of the shared region.
#include "plugin/host.hpp"
#include "shared/kv.hpp"

namespace gw::plugin {

namespace {

shared::Kv& kv() { return Host::current()->environment().region.kv(); }

gw_status to_status(shared::KvStatus status) {
  switch (status) {
    case shared::KvStatus::ok:
      return GW_OK;
    case shared::KvStatus::not_found:
      return GW_E_NOTFOUND;
    case shared::KvStatus::too_big:
      return GW_E_TOOBIG;
    case shared::KvStatus::busy:
      return GW_E_BUSY;
    case shared::KvStatus::changed:
      return GW_E_CHANGED;
  }
  return GW_E_INVALID;
}

gw_store open_store(gw_cfg*, gw_str name, std::uint64_t max_bytes, gw_error* error) noexcept {
  if (from_abi(name).starts_with("gatewright."))
    return set_error(error, GW_E_INVALID, "names that begin with \"gatewright.\" are the host's"),
           0;
  auto opened = kv().open(from_abi(name), max_bytes);
  if (opened.ok()) return opened.value();
  set_error(error, GW_E_NOMEM, opened.error().text);
  return 0;
}

gw_status get(gw_store store, gw_str key, void* out, std::size_t capacity, std::size_t* length,
              std::uint64_t* cas) noexcept {
  return to_status(kv().get(store, from_abi(key), out, capacity, length, cas));
}

gw_status set(gw_store store, gw_str key, gw_str value, std::uint64_t ttl_ms,
              std::uint64_t cas) noexcept {
  return to_status(kv().set(store, from_abi(key), from_abi(value), ttl_ms, cas));
}

gw_status del(gw_store store, gw_str key) noexcept {
  return to_status(kv().del(store, from_abi(key)));
}

gw_status add(gw_store store, gw_str key, std::int64_t delta, std::int64_t init,
              std::uint64_t ttl_ms, std::int64_t* now) noexcept {
  return to_status(kv().add(store, from_abi(key), delta, init, ttl_ms, now));
}

gw_status add_limit(gw_store store, gw_str key, std::int64_t delta, std::int64_t limit,
                    std::uint64_t ttl_ms, std::int64_t* now) noexcept {
  return to_status(kv().add_limit(store, from_abi(key), delta, limit, ttl_ms, now));
}

gw_status next(gw_store store, std::uint64_t* cursor, gw_kv_entry* entry) noexcept {
  if (entry->size < sizeof(gw_kv_entry)) return GW_E_INVALID;
  shared::KvEntry found;
  const auto status = kv().next(store, cursor, &found);
  if (status != shared::KvStatus::ok) return to_status(status);
  entry->flags = found.counter ? GW_KV_COUNTER : 0;
  entry->expires_ms = found.expires_ms;
  entry->number = found.number;
  entry->key_size = found.key_size;
  entry->value_size = found.value_size;
  std::memcpy(entry->bytes, found.bytes, found.key_size + std::size_t(found.value_size));
  return GW_OK;
}

}  // namespace

const gw_kv_api k_kv_api{sizeof(gw_kv_api), 0, open_store, get, set, del, add, add_limit, next};

}  // namespace gw::plugin
