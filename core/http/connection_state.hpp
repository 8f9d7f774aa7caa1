// SPDX-License-Identifier: Apache-2.0
// The two peers' connections as state machines: their states, and which may follow which. Each
// connection changes its state through one function that checks the table, also in release builds:
// a change that is not drawn here ends the worker instead of mixing up two requests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace gw::http {

// A client's connection (ServerConnection):
//
//   proxy_header ──header read──> waiting <──────────────────────────────────────┐
//                                    │ first byte                                │
//                                    v                                           │
//        ┌────────refused────── reading_head                                     │
//        │                           │ head complete                             │
//        │                           v                answer complete            │
//        │<──answer, then close── exchanging ──────────────────────────────────> │
//        │                           │ answer complete, body not                 │
//        │                           v                                           │
//        │<──────too long─────── discarding ──────────body read────────────────> ┘
//        v
//    lingering         and from each of them: closed
//
// proxy_header: on listeners with the PROXY protocol a connection begins there, on others in
// waiting. exchanging: one request has its exchange; a tunnel (101) stays here to its end.
// discarding: the rest of a body that nobody wants is read. lingering: FIN is sent, and what the
// client still sends is thrown away for a short time, so that it can read the answer.
enum class ServerState : std::uint8_t {
  proxy_header,
  waiting,
  reading_head,
  exchanging,
  discarding,
  lingering,
  closed,
};

// A connection to a target (ClientConnection):
//
//   connecting ──connected──> ready ──request──> awaiting_head ──head──> reading_body
//                               ^                 (1xx: stays)                │ last byte
//                               │ taken                                       v
//                              idle <──────────────kept────────────────── complete
//
//   and from each of them: closed
//
// An answer without a body passes through reading_body. After 101 both sides' bytes are bodies
// without end.
enum class ClientState : std::uint8_t {
  connecting,
  ready,
  awaiting_head,
  reading_body,
  complete,
  idle,
  closed,
};

// For each state the set of those that may follow it.
template <class State>
class Changes {
 public:
  struct From {
    State from;
    std::initializer_list<State> to;
  };
  constexpr Changes(std::initializer_list<From> rows) {
    for (const From& row : rows)
      for (const State to : row.to)
        next_[std::size_t(row.from)] |= std::uint8_t(1u << unsigned(to));
  }
  constexpr bool allow(State from, State to) const {
    return (next_[std::size_t(from)] >> unsigned(to) & 1u) != 0;
  }

 private:
  std::array<std::uint8_t, std::size_t(State::closed) + 1> next_{};
};

inline constexpr Changes<ServerState> k_server_changes{
    {ServerState::proxy_header, {ServerState::waiting, ServerState::closed}},
    {ServerState::waiting, {ServerState::reading_head, ServerState::closed}},
    {ServerState::reading_head,
     {ServerState::exchanging, ServerState::lingering, ServerState::closed}},
    {ServerState::exchanging,
     {ServerState::waiting, ServerState::discarding, ServerState::lingering, ServerState::closed}},
    {ServerState::discarding, {ServerState::waiting, ServerState::lingering, ServerState::closed}},
    {ServerState::lingering, {ServerState::closed}},
};

inline constexpr Changes<ClientState> k_client_changes{
    {ClientState::connecting, {ClientState::ready, ClientState::closed}},
    {ClientState::ready, {ClientState::awaiting_head, ClientState::closed}},
    {ClientState::awaiting_head, {ClientState::reading_body, ClientState::closed}},
    {ClientState::reading_body, {ClientState::complete, ClientState::closed}},
    {ClientState::complete, {ClientState::idle, ClientState::closed}},
    {ClientState::idle, {ClientState::ready, ClientState::closed}},
};

}  // namespace gw::http
