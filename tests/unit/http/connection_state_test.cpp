// SPDX-License-Identifier: Apache-2.0
#include "http/connection_state.hpp"

#include <set>
#include <utility>

#include "catch.hpp"

using namespace gw::http;

namespace {

// Exactly these changes are allowed; every state is reached from `starts`, closed from every other
// one, and nothing follows it.
template <class State>
void check_table(const Changes<State>& table, std::set<std::pair<State, State>> drawn,
                 std::set<State> reached) {
  constexpr int count = int(State::closed) + 1;
  for (int from = 0; from < count - 1; ++from) drawn.insert({State(from), State::closed});
  for (int from = 0; from < count; ++from)
    for (int to = 0; to < count; ++to) {
      CAPTURE(from, to);
      CHECK(table.allow(State(from), State(to)) == (drawn.count({State(from), State(to)}) == 1));
    }
  for (std::size_t before = 0; before != reached.size();) {
    before = reached.size();
    for (const auto& [from, to] : drawn)
      if (reached.count(from) == 1) reached.insert(to);
  }
  CHECK(reached.size() == count);
}

}  // namespace

TEST_CASE("a client's connection changes its state as it is drawn, and in no other way") {
  using enum ServerState;
  check_table<ServerState>(k_server_changes,
                           {{proxy_header, waiting},
                            {waiting, reading_head},
                            {reading_head, exchanging},
                            {reading_head, lingering},
                            {exchanging, waiting},
                            {exchanging, discarding},
                            {exchanging, lingering},
                            {discarding, waiting},
                            {discarding, lingering}},
                           {proxy_header, waiting});
}

TEST_CASE("a connection to a target changes its state as it is drawn, and in no other way") {
  using enum ClientState;
  check_table<ClientState>(k_client_changes,
                           {{connecting, ready},
                            {ready, awaiting_head},
                            {awaiting_head, reading_body},
                            {reading_body, complete},
                            {complete, idle},
                            {idle, ready}},
                           {connecting});
}
