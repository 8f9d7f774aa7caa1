// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics_page.hpp"

#include <array>
#include <charconv>
#include <initializer_list>
#include <map>
#include <set>
#include <utility>

#include "admin/counts.hpp"
#include "base/text.hpp"
#include "config/version.hpp"
#include "shared/metrics.hpp"

namespace gw::admin {

namespace {

using shared::MetricKind;

// The format knows three escapes, of which texts of HELP may not have the quote's. Whatever is no
// UTF-8 would have the whole page refused.
std::string escaped(std::string_view text, bool in_quotes = true) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t n = utf8_length(text.substr(i));
    if (text[i] == '\\' || text[i] == '\n' || (text[i] == '"' && in_quotes))
      append(out, cat('\\', text[i] == '\n' ? 'n' : text[i]));
    else
      out += n == 0 ? "\xEF\xBF\xBD" : text.substr(i, n);
    i += n == 0 ? 1 : n;
  }
  return out;
}

std::string quoted(std::string_view text) { return cat('"', escaped(text), '"'); }

std::string number(double value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

class Writer final : public shared::MetricVisitor {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // The core's own, before what is in the shared region. Its samples follow.
  void begin(MetricKind kind, std::string_view name, std::string_view help) {
    constexpr std::string_view k_kinds[] = {"", "counter", "gauge", "histogram"};
    written_.emplace(name);
    name_ = name;
    out += cat("# HELP ", name, " ", escaped(help, false), "\n# TYPE ", name, " ",
               k_kinds[std::size_t(kind)], "\n");
  }
  void sample(std::int64_t value, Labels labels = {}) {
    out += name_;
    char before = '{';
    for (const auto& [label, text] : labels)
      out += cat(std::exchange(before, ','), label, '=', quoted(text));
    out += cat(before == '{' ? "" : "}", " ", value, "\n");
  }
  void single(MetricKind kind, std::string_view name, std::string_view help, std::int64_t value) {
    begin(kind, name, help);
    sample(value);
  }

  // A plugin may have taken a name of the core's: a page with two of a name is refused as a whole.
  void on_metric(const shared::MetricShape& shape) override {
    skipped_ = written_.contains(shape.name);
    if (skipped_) return;
    shape_ = shape;
    begin(shape.kind, shape.name, shape.help);
  }
  void on_series(const shared::SeriesView& series) override {
    if (skipped_) return;
    if (shape_.kind != MetricKind::histogram) {
      out += cat(name_, labels_of(series, {}), " ", series.value, "\n");
      return;
    }
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < series.buckets.size(); ++i) {
      below += series.buckets[i];
      const bool last = i == shape_.buckets.size();
      out += cat(name_, "_bucket", labels_of(series, last ? "+Inf" : number(shape_.buckets[i])),
                 " ", below, "\n");
    }
    out += cat(name_, "_sum", labels_of(series, {}), " ", number(series.sum), "\n");
    out += cat(name_, "_count", labels_of(series, {}), " ", below, "\n");
  }

  std::string out;

 private:
  std::string labels_of(const shared::SeriesView& series, std::string_view bound) const {
    std::string text;
    for (std::size_t i = 0; i < series.labels.size(); ++i)
      text += cat(i == 0 ? '{' : ',', shape_.labels[i], '=', quoted(series.labels[i]));
    if (!bound.empty()) text += cat(text.empty() ? '{' : ',', "le=\"", bound, '"');
    return text.empty() ? text : text + '}';
  }

  std::set<std::string, std::less<>> written_;
  shared::MetricShape shape_;
  std::string name_;
  bool skipped_ = false;
};

void write_workers(Writer& to, const shared::WorkerBoard& board) {
  constexpr std::array k_states{shared::WorkerState::starting, shared::WorkerState::ready,
                                shared::WorkerState::draining};
  std::array<std::int64_t, k_states.size()> in_state{};
  std::map<std::uint32_t, std::int64_t> starts;
  for (const auto& slot : board.slots()) {
    for (std::size_t i = 0; i < k_states.size(); ++i) in_state[i] += slot.state == k_states[i];
    if (slot.starts > 0) starts[slot.index] += slot.starts;
  }
  to.begin(MetricKind::gauge, "gatewright_workers", "Worker processes by state.");
  for (std::size_t i = 0; i < k_states.size(); ++i)
    to.sample(in_state[i], {{"state", shared::to_string(k_states[i])}});
  to.begin(MetricKind::counter, "gatewright_worker_starts_total", "Processes that were started.");
  for (const auto& [index, n] : starts) to.sample(n, {{"worker", cat(index)}});
}

void write_core(Writer& to, const State& state) {
  const auto counter = MetricKind::counter, gauge = MetricKind::gauge;
  const Counts counts = count(state.region->board());
  to.begin(gauge, "gatewright_build_info", "Always 1; the version is in the label.");
  to.sample(1, {{"version", config::k_version}});
  to.single(gauge, "gatewright_configuration_generation",
            "Number of the configuration that the answering worker serves.",
            std::int64_t(state.number));
  to.single(counter, "gatewright_requests_total", "Requests of clients.", counts.requests);
  to.single(counter, "gatewright_connections_accepted_total", "Connections of clients.",
            counts.accepted);
  to.begin(gauge, "gatewright_connections", "Open connections of clients, by what they do.");
  to.sample(counts.reading, {{"state", "reading"}});
  to.sample(counts.writing, {{"state", "writing"}});
  to.sample(counts.waiting, {{"state", "waiting"}});
  to.single(counter, "gatewright_tunnels_opened_total", "Connections that became tunnels.",
            counts.tunnels_opened);
  to.single(gauge, "gatewright_tunnels", "Open tunnels.", counts.tunnels);
  to.single(gauge, "gatewright_shared_memory_bytes", "Memory for what workers share.",
            std::int64_t(state.region->bytes()));
  to.single(gauge, "gatewright_shared_memory_used_bytes", "Of it, what has been handed out.",
            std::int64_t(state.region->used()));
  to.single(counter, "gatewright_series_refused_total",
            "Series that were asked for when there was no room for more.",
            std::int64_t(state.region->metrics().overflow()));
}

}  // namespace

std::string metrics_page(const State& state) {
  Writer writer;
  write_core(writer, state);
  write_workers(writer, state.region->board());
  state.region->metrics().collect(writer);
  return std::move(writer.out);
}

}  // namespace gw::admin
