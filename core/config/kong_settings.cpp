// SPDX-License-Identifier: Apache-2.0
#include "config/kong_settings.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gw::config {

namespace {

constexpr std::string_view k_off = "off";
constexpr auto k_warn = Severity::warning;
constexpr auto k_error = Severity::error;
constexpr std::string_view k_log = "the process keeps no access log; the plugin file-log does";
constexpr std::string_view k_error_log = "error_log names the file of the error log";
constexpr std::string_view k_tls = "TLS of this listener is set as that of proxy_listen, by ssl_*";
constexpr std::string_view k_no_nginx = "there is no nginx here";
constexpr std::string_view k_no_lua = "there is no Lua here";
constexpr std::string_view k_no_database = "there is no database, the file is the configuration";
constexpr std::string_view k_cache = "the configuration is held in memory as a whole";
constexpr std::string_view k_later = "it is not supported yet, a later version brings it";

// The first that fits counts.
constexpr KongSetting k_keys[] = {
    {"nginx_worker_processes", "workers", "", k_error, ""},
    {"nginx_main_worker_processes", "", "", k_error, "nginx_worker_processes is the setting"},
    {"nginx_http_client_max_body_size", "client_max_body_size", "", k_error, ""},
    {"nginx_http_keepalive_requests", "keepalive_requests", "", k_error, ""},
    {"nginx_http_keepalive_timeout", "keepalive_timeout", "", k_error, ""},
    {"nginx_http_client_header_timeout", "client_header_timeout", "", k_error, ""},
    {"nginx_http_client_body_timeout", "client_body_timeout", "", k_error, ""},
    {"nginx_http_send_timeout", "send_timeout", "", k_error, ""},
    {"nginx_proxy_proxy_ssl_verify", "upstream_tls_verify", "", k_error, ""},
    {"nginx_daemon", "", k_off, k_error, "`run` stays in the foreground"},
    {"nginx_proxy_proxy_buffer*", "", "", k_warn, "bodies are passed on as they come"},
    {"nginx_proxy_proxy_busy_buffers_size", "", "", k_warn, "bodies are passed on as they come"},
    {"nginx_*", "", "", k_error, k_no_nginx},

    {"stream_listen", "", k_off, k_error, k_later},
    {"admin_gui_listen", "", k_off, k_error, "there is no graphical interface"},
    {"admin_gui_*", "", k_off, k_warn, "there is no graphical interface"},
    {"cluster_listen", "", k_off, k_error, "there are no clusters"},
    {"cluster_*", "", "", k_warn, "there are no clusters"},
    {"role", "", "traditional", k_error, "there are no clusters"},

    {"proxy_access_log", "", k_off, k_warn, k_log},
    {"admin_access_log", "", k_off, k_warn, k_log},
    {"status_access_log", "", k_off, k_warn, k_log},
    {"proxy_stream_access_log", "", k_off, k_warn, k_log},
    {"proxy_error_log", "", "/dev/stderr", k_warn, k_error_log},
    {"admin_error_log", "", "/dev/stderr", k_warn, k_error_log},
    {"status_error_log", "", "/dev/stderr", k_warn, k_error_log},
    {"proxy_stream_error_log", "", "/dev/stderr", k_warn, k_error_log},

    {"database", "", k_off, k_error, k_no_database},
    {"declarative_config_string", "", "", k_error, "the configuration is read from a file"},
    {"pg_*", "", "", k_warn, k_no_database},
    {"lmdb_*", "", "", k_warn, k_cache},
    {"mem_cache_size", "", "", k_warn, k_cache},
    {"db_*", "", "", k_warn, k_cache},
    {"worker_*", "", "", k_warn, "a new configuration is taken by all workers at once"},
    {"dedicated_config_processing", "", "", k_warn, k_cache},

    {"ssl_dhparam", "", "", k_warn, "groups for DHE are OpenSSL's, by the key's strength"},
    {"ssl_session_cache_size", "", "", k_warn, "sessions are kept by clients, in tickets"},
    {"ssl_*", "", "", k_error, k_later},
    {"admin_ssl_*", "", "", k_error, k_tls},
    {"status_ssl_*", "", "", k_error, k_tls},
    {"lua_ssl_trusted_certificate", "upstream_ca_certificates", "", k_error, ""},
    {"lua_ssl_verify_depth", "upstream_tls_verify_depth", "", k_error, ""},
    {"lua_ssl_protocols", "", "", k_warn, "TLS 1.2 and 1.3 are spoken to targets"},

    {"router_flavor", "", "traditional_compatible", k_error,
     "routes are matched as traditional_compatible"},
    {"vaults", "", "bundled env off", k_error, "there is the vault env"},
    {"vault_*", "", "", k_error, k_later},
    {"anonymous_reports", "", k_off, k_warn, "nothing is ever reported"},
    {"request_debug*", "", k_off, k_warn, "there is no timing of single requests"},
    {"allow_debug_header", "", k_off, k_error, k_later},
    {"error_template_*", "", "", k_error, k_later},
    {"tracing_instrumentations", "", k_off, k_error, "the plugin opentelemetry traces"},
    {"tracing_sampling_rate", "", "", k_warn, "the plugin opentelemetry has a sampling_rate"},
    {"proxy_server*", "", "", k_error, k_later},
    {"pluginserver_*", "", k_off, k_error, "plugins run inside the gateway only"},
    {"wasm*", "", k_off, k_error, "there are no WebAssembly filters"},
    {"kic", "", k_off, k_error, "there is no ingress controller"},

    {"dns_no_sync", "", "", k_warn, "a name is looked up once for all that wait for it"},
    {"resolver_address", "dns_resolver", "", k_error, ""},
    {"resolver_hosts_file", "dns_hostsfile", "", k_error, ""},
    {"resolver_valid_ttl", "dns_valid_ttl", "", k_error, ""},
    {"resolver_stale_ttl", "dns_stale_ttl", "", k_error, ""},
    {"resolver_error_ttl", "dns_error_ttl", "", k_error, ""},
    {"resolver_family", "", "A,SRV", k_error, "dns_order is the setting"},
    {"resolver_*", "", "", k_warn, "dns_cache_size bounds the names that are remembered"},
    {"new_dns_client", "", "on off", k_error, "there is one DNS client"},
    {"lua_*", "", "", k_warn, k_no_lua},
    {"untrusted_lua*", "", "", k_warn, k_no_lua},
    {"client_body_buffer_size", "", "", k_warn, "bodies are passed on as they come"},
    {"prefix", "", "", k_warn, "nothing is written beside what paths of settings name"},
};

}  // namespace

const KongSetting* find_kong_setting(std::string_view name) {
  const auto found = std::find_if(std::begin(k_keys), std::end(k_keys), [&](const auto& key) {
    const auto begin = key.name.substr(0, key.name.size() - 1);
    return key.name.ends_with('*') ? name.starts_with(begin) : name == key.name;
  });
  return found == std::end(k_keys) ? nullptr : found;
}

std::string_view kong_alias_of(std::string_view setting) {
  for (const auto& key : k_keys)
    if (key.same == setting) return key.name;
  return {};
}

void check_kong_setting(const KongSetting& key, std::string_view text, std::string path,
                        Location where, std::vector<Diagnostic>& out) {
  for (const auto fine : split(key.fine, ' '))
    if (!fine.empty() && iequals(text, fine)) return;
  if (trim(text).empty()) return;
  const std::string_view verb = key.otherwise == Severity::error ? "cannot be \"" : "is \"";
  const std::string_view then =
      key.otherwise == Severity::error ? "\": " : "\", which changes nothing: ";
  out.push_back({key.otherwise, where, std::move(path), cat(verb, text, then, key.why),
                 key.fine.empty()
                     ? "remove it"
                     : cat("write ", key.fine.substr(0, key.fine.find(' ')), ", or remove it")});
}

bool is_service_link(std::string_view variable) {
  return variable.ends_with("_SERVICE_HOST") ||
         variable.find("_SERVICE_PORT") != std::string_view::npos ||
         variable.find("_PORT_") != std::string_view::npos || variable.ends_with("_PORT");
}

}  // namespace gw::config
