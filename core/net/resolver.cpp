// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "base/log.hpp"
#include "base/text.hpp"
#include "net/dns_records.hpp"

namespace gw::net {

namespace {

constexpr std::uint64_t k_suspect_ms = 1000;

std::string state_of(const std::string& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return "";
  return cat(info.st_ino, " ", info.st_size, " ", info.st_mtim.tv_sec, ".", info.st_mtim.tv_nsec);
}

bool is_localhost(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  constexpr std::string_view k_name = "localhost";
  if (name.size() < k_name.size() || !iequals(name.substr(name.size() - k_name.size()), k_name))
    return false;
  return name.size() == k_name.size() || name[name.size() - k_name.size() - 1] == '.';
}

}  // namespace

struct Resolver::Entry {
  std::string name;
  Resolution resolution;
  std::string_view records;
  bool literal = false;
  bool looking = false;
  bool renewal_failed = false;    // since resolved_at
  std::uint64_t resolved_at = 0;  // ms
  std::uint64_t ttl = 0;          // ms, of the resolution
  std::uint64_t started_at = 0;   // ms, the last lookup; 0: none
  std::uint64_t gone_since = 0;   // ms: servers say that it exists no more; 0: they don't
  std::uint64_t not_before = 0;   // ms: the next one after one that has found nothing
  std::uint64_t used_at = 0;      // ms
  std::string error;              // of the last lookup
  std::uint64_t lookups = 0, failures = 0;
  std::vector<Callback> waiting;
};

Resolver::Resolver(Loop& loop, ResolverOptions options)
    : loop_(loop),
      options_(std::move(options)),
      tell_refused_(
          [](void* self) {
            auto& resolver = *static_cast<Resolver*>(self);
            for (const auto& name : std::exchange(resolver.refused_, {}))
              if (const auto at = resolver.entries_.find(name); at != resolver.entries_.end())
                if (!at->second->looking) resolver.answer_waiting(*at->second);
          },
          this) {}

Resolver::~Resolver() = default;

Status Resolver::set_options(ResolverOptions options) {
  const bool other_dns = !(options.dns == options_.dns);
  options_ = std::move(options);
  if (!other_dns && client_) return ok_status();
  return make_client();
}

// What was asked of the old one is asked of the new one.
Status Resolver::make_client() {
  conf_state_ = state_of(options_.dns.resolv_conf);
  conf_looked_at_ = loop_.now_ms();
  auto made = DnsClient::make(loop_, options_.dns);
  client_.reset();
  if (made.ok()) client_ = std::move(made).value();
  for (auto& [name, entry] : entries_) {
    entry->not_before = 0;
    entry->ttl = 0;
    if (std::exchange(entry->looking, false)) look_up(*entry);
    if (is_localhost(name)) entry->resolution = localhost();
  }
  if (made.ok()) return ok_status();
  return made.error();
}

// It changes beneath a process that lives long: networks come and go.
void Resolver::look_at_resolv_conf() {
  const std::uint64_t now = loop_.now_ms();
  if (!options_.dns.servers.empty() || now - conf_looked_at_ < options_.look_at_conf) return;
  conf_looked_at_ = now;
  if (state_of(options_.dns.resolv_conf) == conf_state_) return;
  if (const auto made = make_client(); made.ok())
    log::notice("the DNS servers have changed", {{"file", options_.dns.resolv_conf}});
  else
    log::error(made.error().text, {{"file", options_.dns.resolv_conf}});
}

Resolver::Entry& Resolver::entry(std::string_view name) {
  const auto found = entries_.find(name);
  if (found != entries_.end()) return *found->second;
  if (entries_.size() >= options_.names) make_room();
  auto made = std::make_unique<Entry>();
  made->name = name;
  if (const auto literal = Address::parse(name, 0)) {
    Endpoint endpoint;
    endpoint.address = *literal;
    made->resolution = {{std::move(endpoint)}, Resolution::k_literal};
    made->literal = true;
  } else if (is_localhost(name)) {
    made->resolution = localhost();
    made->literal = true;
  }
  return *entries_.emplace(std::string(name), std::move(made)).first->second;
}

// RFC 6761 6.3: never asked for. (c-ares 1.18 also loses memory with each answer.)
Resolution Resolver::localhost() {
  const auto& order = options_.dns.order;
  const auto at = [&](const char* record) { return std::find(order.begin(), order.end(), record); };
  std::vector<Address> ways;
  if (at("A") != order.end()) ways.push_back(*Address::parse("127.0.0.1", 0));
  if (at("AAAA") != order.end()) ways.push_back(*Address::parse("::1", 0));
  return {to_endpoints(std::move(ways), at("AAAA") < at("A")), ++last_version_};
}

void Resolver::make_room() {
  auto oldest = entries_.end();
  for (auto at = entries_.begin(); at != entries_.end(); ++at) {
    const Entry& e = *at->second;
    if (e.looking || !e.waiting.empty()) continue;
    if (oldest == entries_.end() || e.used_at < oldest->second->used_at) oldest = at;
  }
  if (oldest != entries_.end()) entries_.erase(oldest);
}

bool Resolver::is_usable(const Entry& e) const {
  if (e.resolution.endpoints.empty()) return false;
  const std::uint64_t age = loop_.now_ms() - e.resolved_at;
  return age < e.ttl + options_.stale_ttl;
}

const Resolution* Resolver::known(std::string_view name) {
  Entry& e = entry(name);
  const std::uint64_t now = e.used_at = loop_.now_ms();
  if (e.literal) return &e.resolution;
  if (!is_usable(e)) return nullptr;
  const std::uint64_t age = now - e.resolved_at;
  if (age < e.ttl) return &e.resolution;
  if (now >= e.not_before) look_up(e);
  return age < e.ttl + options_.unasked || e.renewal_failed ? &e.resolution : nullptr;
}

void Resolver::start_lookup(std::string_view name, Callback callback) {
  Entry& e = entry(name);
  e.used_at = loop_.now_ms();
  e.waiting.push_back(std::move(callback));
  if (!e.literal && client_ && e.used_at >= e.not_before) return look_up(e);
  if (e.looking) return;
  refused_.push_back(e.name);
  tell_refused_.set(loop_.deadlines(), 0);
}

bool Resolver::suspect(std::string_view name, Callback callback) {
  Entry& e = entry(name);
  const std::uint64_t now = loop_.now_ms();
  const bool lately = e.started_at != 0 && now - e.started_at < k_suspect_ms;
  if (e.literal || e.looking || lately || !client_) return false;
  e.waiting.push_back(std::move(callback));
  look_up(e);
  return true;
}

bool Resolver::expects(std::string_view name) const {
  const auto found = entries_.find(name);
  return found != entries_.end() && found->second->looking && !found->second->renewal_failed;
}

void Resolver::look_up(Entry& e) {
  look_at_resolv_conf();
  if (e.looking || !client_) return;
  e.looking = true;
  e.started_at = loop_.now_ms();
  ++e.lookups;
  client_->ask(e.name, e.records,
               [this, name = e.name](DnsAnswer answer) { finish(name, std::move(answer)); });
}

void Resolver::finish(const std::string& name, DnsAnswer answer) {
  Entry& e = entry(name);
  e.looking = false;
  if (answer.status == DnsAnswer::Status::found) {
    learn(e, std::move(answer));
  } else {
    note_failure(e, answer);
  }
  answer_waiting(e);
}

// Servers that are about to change may deny a name for a moment: only when one is denied for
// not_found_ttl it is believed.
void Resolver::note_failure(Entry& e, const DnsAnswer& answer) {
  const std::uint64_t now = loop_.now_ms();
  const bool none = answer.status == DnsAnswer::Status::not_found;
  const bool news = e.error.empty();
  e.error = answer.why;
  e.renewal_failed = true;
  e.not_before = now + (none ? options_.not_found_ttl : options_.error_ttl);
  ++e.failures;
  if (none && e.gone_since == 0) e.gone_since = now;
  if (none && now - e.gone_since >= options_.not_found_ttl) e.resolution = {};
  if (!news) return;
  log::warn("a name does not resolve",
            {{"name", e.name},
             {"why", e.error},
             {"then", is_usable(e) ? "what it stood for goes on being used" : "no address"}});
}

void Resolver::learn(Entry& e, DnsAnswer answer) {
  if (e.resolution.endpoints != answer.endpoints)
    e.resolution = {std::move(answer.endpoints), ++last_version_};
  if (!e.error.empty()) log::notice("a name resolves again", {{"name", e.name}});
  e.resolved_at = loop_.now_ms();
  e.ttl = options_.valid_ttl > 0 ? options_.valid_ttl
                                 : std::clamp(answer.ttl, options_.min_ttl,
                                              std::max(options_.min_ttl, options_.max_ttl));
  e.records = answer.records;
  e.renewal_failed = false;
  e.gone_since = 0;
  e.not_before = 0;
  e.error.clear();
}

void Resolver::answer_waiting(Entry& e) {
  const Resolution* found = e.literal || is_usable(e) ? &e.resolution : nullptr;
  for (const Callback& callback : std::exchange(e.waiting, {})) callback(found);
}

void Resolver::each(const std::function<void(const KnownName&)>& show) const {
  const std::uint64_t now = loop_.now_ms();
  for (const auto& [name, e] : entries_) {
    if (e->literal) continue;
    KnownName shown{name, e->records, e->resolution.endpoints};
    if (e->resolved_at != 0) shown.age = now - e->resolved_at;
    shown.ttl = e->ttl;
    shown.looking = e->looking;
    shown.error = e->error;
    shown.lookups = e->lookups;
    shown.failures = e->failures;
    show(shown);
  }
}

}  // namespace gw::net
