// SPDX-License-Identifier: Apache-2.0
// correlation-id: an id in a header of each request. What the client brings is kept; a blank value
// counts as none.
#include <unistd.h>

#include <cinttypes>

#include "config.hpp"
#include "correlation-id_schema.h"
#include "gatewright/log_value.hpp"
#include "uuid.hpp"

namespace correlation_id {
namespace {

std::array<char, 36> make_uuid(gw::host host) {
  std::array<std::uint8_t, 16> random;
  host.random(random.data(), random.size());
  return uuid_text(random);
}

gw::view text_of(const std::array<char, 36>& uuid) { return {uuid.data(), uuid.size()}; }

bool blank(gw::view id) { return id.find_first_not_of(" \t") == gw::view::npos; }

// Server address and port, process, the client's connection, the request's number on it, seconds.
gw::view make_track(gw::request r, int process) {
  const uint64_t ms = r.host().unix_ns() / 1'000'000;
  char rest[128];
  std::snprintf(rest, sizeof rest, "-%" PRId64 "-%d-%" PRId64 "-%" PRId64 "-%" PRIu64 ".%03d",
                r.number(GW_SERVER_PORT), process, r.number(GW_CONNECTION_SERIAL),
                r.number(GW_CONNECTION_REQUESTS), ms / 1000, static_cast<int>(ms % 1000));
  return r.join(r.get(GW_SERVER_IP), rest);
}

struct Handler {
  static constexpr auto name = "correlation-id";
  static constexpr int priority = 100001;
  static constexpr auto version = "1.0.0";
  static constexpr auto schema = gw_schema;

  struct worker_state {
    explicit worker_state(gw::worker w) : uuid(make_uuid(w.host())), process(getpid()) {}
    std::array<char, 36> uuid;
    int process;
    uint64_t counter = 0;
  };
  // The id of this request, for the answer; empty while it has none.
  struct request_state {
    const char* id;
    size_t size;
  };

  explicit Handler(gw::config c) : config_(c), logged_(c, "correlation_id") {}

  void on_request(gw::request r) const {
    gw::view id = r.header(config_.header);
    if (blank(id)) {
      id = make_id(r);
      r.set_header(config_.header, id, GW_BORROW);
    } else {
      id = r.copy(id);
    }
    logged_.set(r, id);
    r.state<request_state>() = {id.data(), id.size()};
  }

  // Also runs for requests that no route took, which on_request never saw.
  void on_response(gw::request r) const {
    if (!config_.echo_downstream) return;
    const auto& state = r.state<request_state>();
    const gw::view id = state.size != 0 ? gw::view(state.id, state.size) : r.header(config_.header);
    if (blank(id))
      r.response().set_header(config_.header, make_id(r), GW_BORROW);
    else
      r.response().set_header(config_.header, id);
  }

 private:
  // In the request's memory.
  gw::view make_id(gw::request r) const {
    if (config_.generator == Generator::uuid) return r.copy(text_of(make_uuid(r.host())));
    auto& worker = r.worker_state<worker_state>();
    if (config_.generator == Generator::tracker) return make_track(r, worker.process);
    return r.join(text_of(worker.uuid), "#", std::to_string(++worker.counter));
  }

  Config config_;
  gw::log_value logged_;
};

}  // namespace
}  // namespace correlation_id

GW_PLUGIN(correlation_id::Handler)
