// SPDX-License-Identifier: Apache-2.0
// A plugin's configuration, given to its constructor and valid only there. Names are JSON pointers
// without the leading slash: "key", "redis/host", "rules/0/name" (a leading slash is taken too).
// The host has checked the values against the schema and filled the defaults, so the getters need
// no error path; what a schema can't say is refused by throwing config_error.
#pragma once

#include <optional>
#include <vector>

#include "gatewright/cpp/host.hpp"

namespace gw {

class config {
 public:
  explicit config(const gw_instance_args& args)
      : args_(&args), api_(gw::host(args.host).api<gw_config_api>(GW_CONFIG_API)) {
    if (api_ == nullptr) throw config_error("this host does not offer " GW_CONFIG_API);
  }

  gw::host host() const { return gw::host(args_->host); }
  const gw_instance_args& args() const { return *args_; }
  view key() const { return to_view(args_->key); }
  uint64_t generation() const { return args_->generation; }

  view json() const { return to_view(api_->json(args_->cfg)); }
  int32_t kind(view name) const { return api_->kind(args_->cfg, pointer(name).c_str()); }
  bool has(view name) const { return kind(name) > GW_J_NULL; }
  uint32_t count(view name) const { return api_->count(args_->cfg, pointer(name).c_str()); }

  std::string str(view name) const { return std::string(raw_str(name)); }
  std::optional<std::string> opt_str(view name) const {
    const view v = raw_str(name);
    return absent(v) ? std::nullopt : std::make_optional(std::string(v));
  }
  int64_t i64(view name, int64_t fallback = 0) const {
    return api_->i64(args_->cfg, pointer(name).c_str(), fallback);
  }
  double f64(view name, double fallback = 0) const {
    return api_->f64(args_->cfg, pointer(name).c_str(), fallback);
  }
  bool boolean(view name, bool fallback = false) const {
    return api_->boolean(args_->cfg, pointer(name).c_str(), fallback ? 1 : 0) != 0;
  }
  // The strings of an array.
  std::vector<std::string> strings(view name) const {
    std::vector<std::string> out;
    const std::string base = pointer(name);
    for (uint32_t i = 0, n = count(name); i < n; ++i)
      out.push_back(str(join(base, "/", std::to_string(i))));
    return out;
  }
  // The members' names of an object, in their order.
  std::vector<std::string> members(view name) const {
    std::vector<std::string> out;
    const std::string base = pointer(name);
    for (uint32_t i = 0;; ++i) {
      const gw_str m = api_->member(args_->cfg, base.c_str(), i);
      if (m.p == nullptr) return out;
      out.emplace_back(m.p, m.n);
    }
  }
  // A name as it has to stand in a pointer ("~" and "/" escaped).
  static std::string escape(view name) {
    std::string out;
    for (char c : name) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
  }

  // Interns a header name; throws when it is no token.
  hid header_id(view name) const {
    const gw_hid id = api_->header_id(args_->cfg, to_str(name));
    if (id == 0) throw config_error(join("\"", name, "\" is not a header name"));
    return id;
  }
  template <class T>
  gw::slot<T> slot(const char* name) const {
    const gw_slot id = api_->slot_define(args_->cfg, to_str(name), sizeof(T));
    if (id == 0) throw config_error(join("slot ", name, " exists with another size"));
    return gw::slot<T>(id);
  }

  metric counter(view name, view help, std::initializer_list<view> labels = {}) const {
    return define(GW_COUNTER, name, help, labels, {});
  }
  metric gauge(view name, view help, std::initializer_list<view> labels = {}) const {
    return define(GW_GAUGE, name, help, labels, {});
  }
  metric histogram(view name, view help, std::initializer_list<double> buckets,
                   std::initializer_list<view> labels = {}) const {
    return define(GW_HISTOGRAM, name, help, labels, buckets);
  }
  gw::store store(view name, uint64_t max_bytes) const {
    const auto* api = need<gw_kv_api>(GW_KV_API);
    gw_error error = empty_error();
    const gw_store id = api->store(args_->cfg, to_str(name), max_bytes, &error);
    if (id == 0) throw config_error(join("store ", name, ": ", error.msg));
    return gw::store(api, id);
  }
  // By id, then username, then custom_id; nullptr when there is none.
  const gw_consumer* consumer(view id_or_name) const {
    return need<gw_consumers_api>(GW_CONSUMERS_API)->find(args_->cfg, to_str(id_or_name));
  }
  gw::collection collection(view name) const {
    const auto* api = need<gw_consumers_api>(GW_CONSUMERS_API);
    const gw_collection* raw = api->collection(args_->cfg, to_str(name));
    if (raw == nullptr) throw config_error(join("collection ", name, " is not declared"));
    return gw::collection(api, raw);
  }

 private:
  static std::string pointer(view name) {
    if (name.empty() || name[0] == '/') return std::string(name);
    return join("/", name);
  }
  static gw_error empty_error() {
    gw_error error{};
    error.size = sizeof error;
    return error;
  }
  view raw_str(view name) const { return to_view(api_->str(args_->cfg, pointer(name).c_str())); }
  template <class Api>
  const Api* need(const char* id) const {
    const auto* api = host().template api<Api>(id);
    if (api == nullptr) throw config_error(join("this host does not offer ", id));
    return api;
  }
  metric define(int32_t kind, view name, view help, std::initializer_list<view> labels,
                std::initializer_list<double> buckets) const {
    const auto* api = need<gw_metrics_api>(GW_METRICS_API);
    std::vector<gw_str> names;
    for (view label : labels) names.push_back(to_str(label));
    gw_error error = empty_error();
    const gw_metric id = api->define(args_->cfg, kind, to_str(name), to_str(help), names.data(),
                                     static_cast<uint32_t>(names.size()), buckets.begin(),
                                     static_cast<uint32_t>(buckets.size()), &error);
    if (id == 0) throw config_error(join("metric ", name, ": ", error.msg));
    return metric(api, id);
  }

  const gw_instance_args* args_;
  const gw_config_api* api_;
};

}  // namespace gw
