// SPDX-License-Identifier: Apache-2.0
// gatewright/plugin.hpp: the C++17 wrapper of the plugin ABI, header-only. A plugin is a type:
//
//   static constexpr auto name, schema; static constexpr int priority;          required
//   static constexpr uint32_t flags; static constexpr auto version;             optional
//   static constexpr const gw_collection_desc* collections[];                   optional
//   explicit P(gw::config);      throws gw::config_error to refuse its configuration
//   struct request_state;        made before the first callback of a request, freed after the last
//   struct worker_state;         made per worker from (gw::worker, const P&), (gw::worker) or ()
//   on_rewrite, on_request, on_response, on_log, on_cancel (gw::request) const
//   on_request_body, on_response_body (gw::request, gw::chunk) const
//   on_upstream(gw::request, uint32_t attempt) const, on_resume(gw::request, int64_t) const
//   static void on_load(gw::host); static const void* extension(const char* id)
//
// and ends with GW_PLUGIN(P). An absent member is an absent callback. An instance is shared by all
// workers of the process, so phase functions are const; what changes lives in the two states. No
// virtual functions, no work in static constructors, one exported symbol.
#pragma once

#include "gatewright/cpp/config.hpp"
#include "gatewright/cpp/host.hpp"
#include "gatewright/cpp/module.hpp"
#include "gatewright/cpp/request.hpp"
#include "gatewright/cpp/value.hpp"
#include "gatewright/cpp/worker.hpp"
