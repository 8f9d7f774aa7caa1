// SPDX-License-Identifier: Apache-2.0
// The host: clocks, log, random bytes, and the handles that a configuration gives out (metrics,
// stores, collections). All are small values to be copied; none owns anything. The tables behind
// them live as long as the process.
#pragma once

#include <initializer_list>

#include "gatewright/cpp/value.hpp"

namespace gw {

// Ends a pause from anywhere, on any thread; harmless when the request is gone.
class token {
 public:
  token() = default;
  token(const gw_host* host, gw_token value) : host_(host), value_(value) {}
  explicit operator bool() const { return value_ != 0; }
  void resume(int64_t value = 0) const {
    if (value_ != 0) host_->resume(host_, value_, value);
  }

 private:
  const gw_host* host_ = nullptr;
  gw_token value_ = 0;
};

class host {
 public:
  explicit host(const gw_host* raw, const gw_self* self = nullptr) : raw_(raw), self_(self) {}
  const gw_host* raw() const { return raw_; }

  uint64_t unix_ns() const { return raw_->unix_ns(raw_); }
  uint64_t mono_ns() const { return raw_->mono_ns(raw_); }
  void random(void* out, size_t n) const { raw_->random(raw_, out, n); }
  template <class Api>
  const Api* api(const char* id) const {
    return static_cast<const Api*>(raw_->get_api(raw_, id));
  }

  // Ask before building a costly line.
  bool logs(gw_log_level level) const { return level >= *raw_->log_level; }
  void log(gw_log_level level, view text, std::initializer_list<gw_kv> kv = {}) const {
    if (logs(level))
      raw_->log(raw_, self_, level, to_str(text), kv.begin(), static_cast<uint32_t>(kv.size()));
  }

 private:
  const gw_host* raw_;
  const gw_self* self_;
};

// One field of a log line: r.log(GW_LOG_WARN, "slow", {gw::kv("peer", name)}).
inline gw_kv kv(view key, view value) { return gw_kv{to_str(key), to_str(value)}; }

// A metric, or a bound series of one. Id 0 does nothing, so a failed with() costs only the numbers.
class metric {
 public:
  metric() = default;
  metric(const gw_metrics_api* api, gw_metric id) : api_(api), id_(id) {}
  explicit operator bool() const { return id_ != 0; }
  metric with(std::initializer_list<view> values) const {
    gw_str out[8];
    uint32_t n = 0;
    for (view v : values)
      if (n < 8) out[n++] = to_str(v);
    return id_ == 0 ? metric() : metric(api_, api_->with(id_, out, n));
  }
  void add(int64_t n = 1) const {
    if (id_ != 0) api_->add(id_, n);
  }
  void set(int64_t value) const {
    if (id_ != 0) api_->set(id_, value);
  }
  void observe(double value) const {
    if (id_ != 0) api_->observe(id_, value);
  }
  // With label values of the moment; adds, sets or observes, as the metric's kind is.
  void dyn(std::initializer_list<view> values, double value) const {
    gw_str out[8];
    uint32_t n = 0;
    for (view v : values)
      if (n < 8) out[n++] = to_str(v);
    if (id_ != 0) api_->dyn(id_, out, n, value);
  }
  // What it has counted in all workers; zeroes when there is no such series.
  gw_metric_value read() const {
    gw_metric_value out{};
    out.size = sizeof out;
    if (id_ != 0) api_->read(id_, &out);
    return out;
  }

 private:
  const gw_metrics_api* api_ = nullptr;
  gw_metric id_ = 0;
};

// A store shared by all workers (host/kv.h). The functions answer as the table's do.
class store {
 public:
  static constexpr uint64_t only_if_absent = UINT64_MAX;

  store() = default;
  store(const gw_kv_api* api, gw_store id) : api_(api), id_(id) {}
  explicit operator bool() const { return id_ != 0; }
  gw_status get(view key, void* buf, size_t cap, size_t* len, uint64_t* cas = nullptr) const {
    return api_->get(id_, to_str(key), buf, cap, len, cas);
  }
  gw_status set(view key, view value, milliseconds ttl = {}, uint64_t cas = 0) const {
    return api_->set(id_, to_str(key), to_str(value), ttl_of(ttl), cas);
  }
  gw_status del(view key) const { return api_->del(id_, to_str(key)); }
  gw_status add(view key, int64_t delta, int64_t init, milliseconds ttl, int64_t* now) const {
    return api_->add(id_, to_str(key), delta, init, ttl_of(ttl), now);
  }
  gw_status add_limit(view key, int64_t delta, int64_t limit, milliseconds ttl,
                      int64_t* now) const {
    return api_->add_limit(id_, to_str(key), delta, limit, ttl_of(ttl), now);
  }
  // f(key, value, entry) for each live entry; value is empty for a counter. GW_OK, or GW_E_BUSY
  // when some entries could not be seen. For tools.
  template <class F>
  gw_status for_each(const F& f) const {
    gw_kv_entry entry{};
    entry.size = sizeof entry;
    gw_status all = GW_OK;
    for (uint64_t cursor = 0;;) {
      const gw_status status = api_->next(id_, &cursor, &entry);
      if (status == GW_OK) {
        f(view(entry.bytes, entry.key_size), view(entry.bytes + entry.key_size, entry.value_size),
          entry);
      } else if (status == GW_E_BUSY) {
        all = status;
        cursor = (cursor | 31) + 1;
      } else {
        return status == GW_E_NOTFOUND ? all : status;
      }
    }
  }

 private:
  static uint64_t ttl_of(milliseconds ttl) { return static_cast<uint64_t>(ttl.count()); }

  const gw_kv_api* api_ = nullptr;
  gw_store id_ = 0;
};

// The credentials of a collection that the plugin declared.
class collection {
 public:
  collection() = default;
  collection(const gw_consumers_api* api, const gw_collection* raw) : api_(api), raw_(raw) {}
  explicit operator bool() const { return raw_ != nullptr; }
  const gw_credential* lookup(view key) const { return api_->lookup(raw_, to_str(key)); }
  const gw_credential* at(uint32_t i) const { return api_->at(raw_, i); }

 private:
  const gw_consumers_api* api_ = nullptr;
  const gw_collection* raw_ = nullptr;
};

// A typed value of a request, shared by plugins.
template <class T>
class slot {
 public:
  slot() = default;
  explicit slot(gw_slot id) : id_(id) {}
  gw_slot id() const { return id_; }

 private:
  gw_slot id_ = 0;
};

}  // namespace gw
