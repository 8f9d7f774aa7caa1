// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.hpp"

#include <netdb.h>

#include <algorithm>
#include <cstring>

#include "base/check.hpp"

namespace gw::net {

namespace {

constexpr std::uint64_t k_suspect_ms = 1000;

}  // namespace

// One getaddrinfo on its way. Outlives the resolver if it must: `resolver` is null then.
struct Resolver::Lookup {
  uv_getaddrinfo_t request;
  Resolver* resolver;
  Entry* entry;
};

struct Resolver::Entry {
  std::string name;
  Resolution resolution;
  std::uint64_t resolved_at = 0;  // ms; 0: never
  std::uint64_t started_at = 0;   // ms, the last lookup
  Lookup* lookup = nullptr;       // on its way
  std::vector<Callback> waiting;
};

Resolver::Resolver(Loop& loop, std::uint64_t valid_ms, std::uint64_t stale_ms)
    : loop_(loop), valid_ms_(valid_ms), stale_ms_(stale_ms) {}

Resolver::~Resolver() {
  for (auto& [name, entry] : entries_) {
    if (entry->lookup == nullptr) continue;
    entry->lookup->resolver = nullptr;
    uv_cancel(reinterpret_cast<uv_req_t*>(&entry->lookup->request));
  }
}

void Resolver::set_times(std::uint64_t valid_ms, std::uint64_t stale_ms) {
  valid_ms_ = valid_ms;
  stale_ms_ = stale_ms;
}

Resolver::Entry& Resolver::entry(std::string_view name) {
  const auto found = entries_.find(name);
  if (found != entries_.end()) return *found->second;
  auto made = std::make_unique<Entry>();
  made->name = name;
  if (const auto literal = Address::parse(name, 0)) {
    made->resolution = {{{*literal}}, Resolution::k_literal};
    made->resolved_at = ~0ull;
  }
  return *entries_.emplace(std::string(name), std::move(made)).first->second;
}

const Resolution* Resolver::known(std::string_view name) {
  Entry& e = entry(name);
  if (e.resolved_at == ~0ull) return &e.resolution;
  if (e.resolved_at == 0) return nullptr;
  const std::uint64_t age = loop_.now_ms() - e.resolved_at;
  if (age < valid_ms_) return &e.resolution;
  if (age >= valid_ms_ + stale_ms_) return nullptr;
  start(e);
  return &e.resolution;
}

void Resolver::start_lookup(std::string_view name, Callback callback) {
  Entry& e = entry(name);
  e.waiting.push_back(std::move(callback));
  start(e);
}

bool Resolver::suspect(std::string_view name, Callback callback) {
  Entry& e = entry(name);
  const bool literal = e.resolved_at == ~0ull;
  if (literal || e.lookup != nullptr || loop_.now_ms() - e.started_at < k_suspect_ms) return false;
  start_lookup(name, std::move(callback));
  return true;
}

void Resolver::start(Entry& e) {
  if (e.lookup != nullptr) return;
  e.started_at = loop_.now_ms();
  e.lookup = new Lookup{{}, this, &e};
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  const auto on_done = [](uv_getaddrinfo_t* request, int status, addrinfo* list) {
    auto* lookup = reinterpret_cast<Lookup*>(request);
    std::vector<Endpoint> found;
    for (const addrinfo* at = list; status == 0 && at != nullptr; at = at->ai_next) {
      Endpoint endpoint;
      if (at->ai_addrlen > sizeof endpoint.address.v6) continue;
      std::memcpy(&endpoint.address.any, at->ai_addr, at->ai_addrlen);
      found.push_back(endpoint);
    }
    uv_freeaddrinfo(list);
    Resolver* resolver = lookup->resolver;
    Entry* done = lookup->entry;
    delete lookup;
    if (resolver != nullptr) resolver->finish(*done, std::move(found));
  };
  check(uv_getaddrinfo(loop_.raw(), &e.lookup->request, on_done, e.name.c_str(), nullptr, &hints) ==
        0);
}

void Resolver::finish(Entry& e, std::vector<Endpoint> found) {
  e.lookup = nullptr;
  const bool usable_before =
      e.resolved_at != 0 && loop_.now_ms() - e.resolved_at < valid_ms_ + stale_ms_;
  if (!found.empty()) {
    // Servers turn the order round with each answer.
    const auto text = [](const Endpoint& endpoint) { return endpoint.address.ip(); };
    std::sort(found.begin(), found.end(),
              [&](const Endpoint& a, const Endpoint& b) { return text(a) < text(b); });
    const auto same = [](const Endpoint& a, const Endpoint& b) {
      return a.address == b.address && a.weight == b.weight;
    };
    const auto& known = e.resolution.endpoints;
    if (!std::equal(found.begin(), found.end(), known.begin(), known.end(), same))
      e.resolution = {std::move(found), ++last_version_};
    e.resolved_at = loop_.now_ms();
  } else if (!usable_before) {
    e.resolution = {};
    e.resolved_at = 0;
  }
  const bool resolves = !e.resolution.endpoints.empty();
  const auto waiting = std::move(e.waiting);
  e.waiting.clear();
  for (const Callback& callback : waiting) callback(resolves ? &e.resolution : nullptr);
}

}  // namespace gw::net
