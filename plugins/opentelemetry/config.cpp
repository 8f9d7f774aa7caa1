// SPDX-License-Identifier: Apache-2.0
#include "config.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace otel {
namespace {

using gw::config_error;

constexpr std::string_view k_later = "is not offered yet; this version reads and writes w3c";

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = char(c + ('a' - 'A'));
  }
  return text;
}

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

void check_url(const std::string& pointer, const std::string& url) {
  if (url.starts_with("https://")) {
    throw config_error(pointer,
                       "TLS to a collector is not offered yet; use an http:// URL, to a "
                       "collector on this host or in a trusted network");
  }
  constexpr std::string_view k_scheme = "http://";
  if (!url.starts_with(k_scheme) || url.size() == k_scheme.size()) {
    throw config_error(pointer,
                       "expected a URL like http://127.0.0.1:4318/v1/traces, got " + quoted(url));
  }
  const auto authority = std::string_view(url).substr(k_scheme.size());
  if (authority.substr(0, authority.find('/')).find('@') != std::string_view::npos) {
    throw config_error(pointer,
                       "a user and password in the URL are not sent; use `headers` for an "
                       "Authorization field");
  }
}

std::string read_endpoint(const gw::config& source) {
  if (source.has("/logs_endpoint")) {
    throw config_error("/logs_endpoint", "export of logs is not offered yet; use file-log");
  }
  const bool both = source.has("/endpoint") && source.has("/traces_endpoint");
  if (both) {
    throw config_error("/endpoint", "deprecated name of traces_endpoint, which is given as well");
  }
  const char* name = source.has("/endpoint") ? "/endpoint" : "/traces_endpoint";
  if (!source.has(name)) return {};
  std::string url = source.str(name);
  check_url(name, url);
  if (url.find('/', std::string_view("http://").size()) == std::string::npos) {
    source.host().log(GW_LOG_WARN,
                      "traces_endpoint has no path and is used as it is; collectors listen at "
                      "/v1/traces",
                      {gw::kv("url", url)});
  }
  return url;
}

void refuse_old_names(const gw::config& source) {
  if (source.has("/batch_span_count")) {
    throw config_error("/batch_span_count", "no longer exists; use queue.max_batch_size");
  }
  if (source.has("/batch_flush_delay")) {
    throw config_error("/batch_flush_delay", "no longer exists; use queue.max_coalescing_delay");
  }
  const std::string type = source.str("/header_type");
  if (type == "ignore") {
    throw config_error("/header_type",
                       "no longer exists; write propagation.extract: [] to start a "
                       "new trace with every request");
  }
  if (!is_one_of(type, {"", "preserve", "w3c"})) {
    throw config_error("/header_type", quoted(type) + " " + std::string(k_later));
  }
}

// Whether w3c is in the list, as it is by default; every other format is refused.
bool read_formats(const gw::config& source, const std::string& name) {
  if (!source.has(name)) return true;
  const std::vector<std::string> formats = source.strings(name);
  for (std::size_t i = 0; i < formats.size(); ++i) {
    if (is_one_of(formats[i], {"w3c", "preserve"})) continue;
    throw config_error(name + "/" + std::to_string(i),
                       quoted(formats[i]) + " " + std::string(k_later));
  }
  return !formats.empty();
}

void check_default_format(const gw::config& source) {
  const std::string format = source.str("/propagation/default_format");
  if (is_one_of(format, {"", "w3c"})) return;
  throw config_error("/propagation/default_format", quoted(format) + " " + std::string(k_later));
}

std::vector<std::pair<std::string, std::string>> read_headers(const gw::config& source) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (const std::string& name : source.members("/headers")) {
    const std::string pointer = "/headers/" + gw::config::escape(name);
    (void)source.header_id(name);
    if (is_one_of(lower(name), {"content-type", "content-length", "content-encoding", "host",
                                "connection", "transfer-encoding"})) {
      throw config_error(pointer, "this field is set by the exporter itself");
    }
    headers.emplace_back(name, source.str(pointer));
  }
  headers.emplace_back("Content-Type", "application/x-protobuf");
  headers.emplace_back("User-Agent", "gatewright-otlp-exporter");
  return headers;
}

// A random UUID, the same for all spans of this process.
std::string instance_id(const gw::host& host) {
  std::array<std::uint8_t, 16> bytes{};
  host.random(bytes.data(), bytes.size());
  bytes[6] = std::uint8_t((bytes[6] & 0x0f) | 0x40);
  bytes[8] = std::uint8_t((bytes[8] & 0x3f) | 0x80);
  std::string text(32, '0');
  write_hex(bytes.data(), bytes.size(), text.data());
  for (const std::size_t dash : {8, 13, 18, 23}) text.insert(dash, 1, '-');
  return text;
}

Attributes read_resource(const gw::config& source) {
  Attributes resource{{"service.name", "gatewright"},
                      {"service.instance.id", instance_id(source.host())}};
  for (const std::string& key : source.members("/resource_attributes")) {
    std::string value = source.str("/resource_attributes/" + gw::config::escape(key));
    const auto at = std::find_if(resource.begin(), resource.end(),
                                 [&](const auto& attribute) { return attribute.first == key; });
    if (at != resource.end()) {
      at->second = std::move(value);
    } else {
      resource.emplace_back(key, std::move(value));
    }
  }
  return resource;
}

std::chrono::milliseconds read_timeout(const gw::config& source) {
  const std::int64_t sum = source.i64("/connect_timeout", 1000) +
                           source.i64("/send_timeout", 5000) + source.i64("/read_timeout", 5000);
  constexpr std::int64_t k_most = std::numeric_limits<std::uint32_t>::max();
  return std::chrono::milliseconds(std::clamp<std::int64_t>(sum, 1, k_most));
}

}  // namespace

Config::Config(const gw::config& source) {
  refuse_old_names(source);
  endpoint = read_endpoint(source);
  headers = read_headers(source);
  resource = read_resource(source);
  timeout = read_timeout(source);

  queue.max_batch_size = std::uint32_t(source.i64("/queue/max_batch_size", 200));
  queue.max_entries = std::uint32_t(source.i64("/queue/max_entries", 10'000));
  queue.max_bytes = std::uint64_t(source.i64("/queue/max_bytes", 0));
  coalescing_delay = milliseconds_of(source.f64("/queue/max_coalescing_delay", 1));
  const auto seconds = [&](const char* name, double fallback) {
    return std::uint64_t(milliseconds_of(source.f64(name, fallback)).count());
  };
  retry.initial_delay_ms = seconds("/queue/initial_retry_delay", 0.01);
  retry.max_delay_ms = seconds("/queue/max_retry_delay", 60);
  retry.max_time_ms = seconds("/queue/max_retry_time", 60);
  const std::int64_t limit = source.i64("/queue/concurrency_limit", 1);
  concurrency = limit < 0 ? std::numeric_limits<std::uint32_t>::max() : std::uint32_t(limit);

  sampling_rate = source.f64("/sampling_rate", 1);
  if (source.str("/sampling_strategy") == "parent_probability_fallback") {
    strategy = SamplingStrategy::parent_probability_fallback;
  }
  extract = read_formats(source, "/propagation/extract");
  inject = read_formats(source, "/propagation/inject");
  check_default_format(source);
  for (const std::string& name : source.strings("/propagation/clear")) {
    clear.push_back(source.header_id(name));
  }
  const std::string name = source.str("/http_response_header_for_traceid");
  if (!name.empty()) trace_id_header = source.header_id(name);
}

}  // namespace otel
