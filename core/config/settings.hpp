// SPDX-License-Identifier: Apache-2.0
// Process settings: the section `gateway` of a configuration, the environment, the flags. Names are
// kong.conf's where they mean the same.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "config/value.hpp"

namespace gw::config {

struct Listen {
  std::string host;  // address; IPv6 without brackets
  std::uint16_t port = 0;
  bool reuseport = false;
  bool ssl = false;
  bool proxy_protocol = false;
  int backlog = 16384;
  std::string text;  // as configured
};

// Headers that the gateway adds to answers and upstream requests (kong.conf `headers`).
struct HeaderTokens {
  bool server = true;               // Server on own answers
  bool via = true;                  // Via on proxied answers
  bool proxy_latency = true;        // X-Kong-Proxy-Latency
  bool upstream_latency = true;     // X-Kong-Upstream-Latency
  bool response_latency = true;     // X-Kong-Response-Latency, on own answers
  bool upstream_status = false;     // X-Kong-Upstream-Status
  bool request_id = true;           // X-Kong-Request-Id, to the client
  bool request_id_upstream = true;  // `headers_upstream`
};

enum class ErrorType : std::uint8_t { plain, json, html, xml, problem_json };

// What a path in normal form may hold that origins take apart in different ways. Bits.
enum PathTrait : std::uint8_t {
  k_path_encoded_slash = 1,
  k_path_backslash = 2,
  k_path_control = 4,
  k_path_double_encoding = 8,
  k_path_hidden_dots = 16,
};
// Their settings, by which a refusal is named, too; the first that applies. A process has each as a
// setting of its own, a route may say otherwise in its member `gateway`.
struct PathTraitName {
  PathTrait trait;
  std::string_view name;
};
inline constexpr std::array k_path_traits{
    PathTraitName{k_path_hidden_dots, "path_hidden_dots"},
    PathTraitName{k_path_double_encoding, "path_double_encoding"},
    PathTraitName{k_path_backslash, "path_backslash"},
    PathTraitName{k_path_control, "path_control"},
    PathTraitName{k_path_encoded_slash, "path_encoded_slash"},
};

// Whether clients are to show a certificate.
enum class VerifyClient : std::uint8_t { off, optional, on };

// What becomes of request fields with `_` in their names, which CGI and WSGI take for `-`.
enum class Underscores : std::uint8_t { drop_known, drop, keep };

struct Settings {
  std::vector<Listen> proxy_listen;   // default 127.0.0.1:8000; empty: off
  std::vector<Listen> admin_listen;   // default 127.0.0.1:8001; empty: off
  std::vector<Listen> status_listen;  // default 127.0.0.1:8007; empty: off
  std::uint32_t workers = 0;          // 0: auto, one for each core
  bool supervisor = true;

  std::vector<std::string> plugins{"bundled"};  // "bundled", names, paths of .so files; empty: off
  std::vector<std::string> plugin_path;  // folders searched for names, before the bundled ones
  std::map<std::string, std::vector<std::string>>
      phase_order;  // phase name -> plugin names, first first
  std::map<std::string, std::vector<Location>> phase_order_places;  // of the names, from the file
  std::uint64_t plugin_pause_timeout = 60000;                       // ms
  std::uint64_t plugin_stall_warning = 100;                         // ms in one callback; 0: never
  std::uint64_t plugin_stall_timeout = 2000;                        // ms; 0: never
  std::uint64_t shared_memory_size = 128ull << 20;  // bytes, for gw.kv/1 and metrics

  std::vector<std::string> trusted_ips;  // addresses and CIDR blocks; checked
  std::string real_ip_header = "X-Real-IP";
  bool real_ip_recursive = false;
  HeaderTokens headers;
  ErrorType error_default_type = ErrorType::plain;
  std::map<std::uint16_t, std::uint16_t> port_maps;  // port listened on -> port seen by clients

  // TLS of listeners with the flag ssl.
  std::vector<std::string> ssl_cert, ssl_cert_key;  // files; none: a certificate is made
  std::string ssl_cipher_suite = "intermediate";
  std::string ssl_ciphers;          // OpenSSL's list, for ssl_cipher_suite custom
  std::uint32_t ssl_protocols = 0;  // bit 0: TLS 1.0 … bit 3: TLS 1.3; 0: as the suite says
  std::optional<bool> ssl_prefer_server_ciphers;  // nothing: as the suite says
  bool ssl_session_tickets = true;
  std::uint64_t ssl_session_timeout = 86400000;  // ms
  VerifyClient ssl_verify_client = VerifyClient::off;
  std::vector<std::string> ssl_client_certificate;  // files of CAs that vouch for clients
  std::uint32_t ssl_verify_depth = 1;
  std::string client_certificate_header;  // tells targets of a client's certificate; empty: none
  // TLS to targets, and of plugins' calls.
  bool upstream_tls_verify = false;  // of services that do not say
  std::uint32_t upstream_tls_verify_depth = 1;
  std::vector<std::string> upstream_ca_certificates{"system"};
  bool client_ssl = false;  // client_ssl_cert is shown to targets that ask
  std::vector<std::string> client_ssl_cert, client_ssl_cert_key;

  std::uint32_t upstream_keepalive_pool_size = 512;  // idle connections per worker; 0: none kept
  std::uint64_t upstream_keepalive_max_requests = 10000;  // 0: no limit
  std::uint64_t upstream_keepalive_idle_timeout = 60000;  // ms; 0: no limit
  std::uint64_t client_header_timeout = 60000;            // ms, for a whole request head
  std::uint64_t client_body_timeout = 60000;              // ms, between two reads
  std::uint64_t keepalive_timeout = 75000;        // ms, between two requests; 0: no keep-alive
  std::uint64_t keepalive_requests = 10000;       // per client connection; 0: no limit
  std::uint64_t send_timeout = 60000;             // ms, between two writes to the client
  std::uint64_t max_connections = 0;              // clients' per worker; 0: half of the descriptors
  std::uint64_t max_connections_per_address = 0;  // per worker; 0: no limit
  std::uint64_t max_concurrent_requests = 0;      // per worker; 0: no limit but the connections'
  std::uint64_t max_buffered_bytes = 256ull << 20;          // per worker; 0: no limit
  std::vector<std::string> upgrade_protocols{"websocket"};  // that clients may switch to
  std::uint64_t client_max_body_size = 0;                   // bytes; 0: no limit
  std::uint32_t client_max_header_size = 32768;             // bytes, request line and fields
  std::uint32_t client_max_request_line = 16384;            // bytes; over it: 414
  std::uint32_t client_max_header_count = 100;
  Underscores underscore_headers = Underscores::drop_known;
  // Path traits that are refused.
  std::uint8_t refused_path_traits =
      k_path_backslash | k_path_control | k_path_double_encoding | k_path_hidden_dots;
  std::uint32_t upstream_max_header_size = 65536;
  std::uint32_t upstream_max_header_count = 250;
  std::vector<std::string> dns_resolver;  // "address:port", "[v6]:port"; empty: resolv.conf's
  std::string dns_hostsfile = "/etc/hosts";
  std::vector<std::string> dns_order{"A", "AAAA"};  // of LAST, SRV, A, AAAA, CNAME
  std::uint64_t dns_timeout = 5000;                 // ms
  std::uint64_t dns_valid_ttl = 0;          // ms that a resolved name is believed; 0: its records'
  std::uint64_t dns_min_ttl = 1000;         // ms
  std::uint64_t dns_max_ttl = 3600000;      // ms
  std::uint64_t dns_stale_ttl = 3600000;    // ms that it may be used while it cannot be renewed
  std::uint64_t dns_not_found_ttl = 30000;  // ms
  std::uint64_t dns_error_ttl = 1000;       // ms
  std::uint32_t dns_cache_size = 10000;     // names
  std::uint64_t shutdown_timeout = 10000;   // ms that draining may take
  log::Level log_level = log::Level::notice;
  std::string error_log;                       // file; empty: stderr
  std::uint64_t log_failures_per_second = 10;  // lines of one kind, per worker; 0: no limit
};

}  // namespace gw::config
