// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

namespace gw::test {
namespace {

struct definition {
  const world* owner;
  std::string name;
  int32_t kind;
  uint32_t nlabels;
  std::map<std::vector<std::string>, gw_metric> bound;
  uint32_t dynamic = 0;
};
// Ids below k_first_series are definitions; a definition without labels is its own series.
constexpr gw_metric k_first_series = 1u << 20;

std::deque<definition>& definitions() {
  static std::deque<definition> d;
  return d;
}
std::deque<series>& all_series() {
  static std::deque<series> s;
  return s;
}

gw_metric define(gw_cfg* cfg, int32_t kind, gw_str name, gw_str, const gw_str*, uint32_t nlabels,
                 const double*, uint32_t nbuckets, gw_error* error) {
  const std::string text = to_string(name);
  if (nlabels > 8 || nbuckets > 32 || (nbuckets != 0) != (kind == GW_HISTOGRAM)) {
    write_error(error, "too many labels or buckets, or buckets without a histogram");
    return 0;
  }
  for (size_t i = 0; i < definitions().size(); ++i) {
    const definition& d = definitions()[i];
    if (d.owner != cfg->world || d.name != text) continue;
    if (d.kind == kind && d.nlabels == nlabels) return static_cast<gw_metric>(i + 1);
    write_error(error, text + " exists with another shape");
    return 0;
  }
  definitions().push_back(definition{cfg->world, text, kind, nlabels, {}, 0});
  return static_cast<gw_metric>(definitions().size());
}

gw_metric with(gw_metric metric, const gw_str* values, uint32_t nvalues) {
  if (metric == 0 || metric > definitions().size()) return 0;
  definition& d = definitions()[metric - 1];
  if (nvalues != d.nlabels) return 0;
  std::vector<std::string> labels;
  for (uint32_t i = 0; i < nvalues; ++i) labels.push_back(to_string(values[i]));
  const auto [it, fresh] = d.bound.try_emplace(labels, 0);
  if (fresh) {
    all_series().emplace_back();
    it->second = k_first_series + static_cast<gw_metric>(all_series().size()) - 1;
  }
  return it->second;
}

series* find(gw_metric id) {
  if (id != 0 && id < k_first_series) id = with(id, nullptr, 0);
  return id < k_first_series ? nullptr : &all_series()[id - k_first_series];
}

void add(gw_metric id, int64_t n) {
  if (series* s = find(id)) s->value += n;
}
void set(gw_metric id, int64_t value) {
  if (series* s = find(id)) s->value = value;
}
void observe(gw_metric id, double value) {
  series* s = find(id);
  if (s == nullptr) return;
  ++s->value;
  s->sum += value;
}

void dyn(gw_metric metric, const gw_str* values, uint32_t nvalues, double value) {
  if (metric == 0 || metric > definitions().size()) return;
  definition& d = definitions()[metric - 1];
  if (nvalues != d.nlabels) return;
  std::vector<std::string> labels;
  for (uint32_t i = 0; i < nvalues; ++i) labels.push_back(to_string(values[i]));
  if (d.bound.count(labels) == 0 && ++d.dynamic > GW_DYN_SERIES_MAX)
    labels.assign(nvalues, GW_OTHER_SERIES);
  std::vector<gw_str> kept;
  for (const std::string& label : labels) kept.push_back(to_str(label));
  const gw_metric id = with(metric, kept.data(), nvalues);
  if (d.kind == GW_COUNTER) return add(id, static_cast<int64_t>(value));
  if (d.kind == GW_GAUGE) return set(id, static_cast<int64_t>(value));
  observe(id, value);
}

gw_status read(gw_metric id, gw_metric_value* out) {
  if (out->size < sizeof *out) return GW_E_INVALID;
  const series* s = find(id);
  if (s == nullptr) return GW_E_NOTFOUND;
  out->kind = GW_COUNTER;
  for (const definition& d : definitions())
    for (const auto& [labels, bound] : d.bound)
      if (find(bound) == s) out->kind = d.kind;
  const bool histogram = out->kind == GW_HISTOGRAM;
  out->value = histogram ? 0 : s->value;
  out->count = histogram ? static_cast<uint64_t>(s->value) : 0;
  out->sum = s->sum;
  return GW_OK;
}

}  // namespace

void forget_metrics(const world* w) {
  for (definition& d : definitions())
    if (d.owner == w) d = definition{nullptr, "", 0, 0, {}, 0};
}

const series* find_series(const world* w, const std::string& name,
                          const std::vector<std::string>& labels) {
  for (const definition& d : definitions()) {
    if (d.owner != w || d.name != name) continue;
    const auto it = d.bound.find(labels);
    return it == d.bound.end() ? nullptr : find(it->second);
  }
  return nullptr;
}

const gw_metrics_api k_metrics_api = {
    sizeof(gw_metrics_api), 0, define, with, add, set, observe, dyn, read};

}  // namespace gw::test
