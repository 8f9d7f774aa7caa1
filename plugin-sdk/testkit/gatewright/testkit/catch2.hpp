// SPDX-License-Identifier: Apache-2.0
// A test case of Catch2 (2.13 or 3, whichever is installed) that runs in every mode, a section for
// each.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include "gatewright/testkit/mode.hpp"

#define GW_TEST_CASE_IN_MODES(function, ...)                  \
  static void function();                                     \
  TEST_CASE(__VA_ARGS__) {                                    \
    for (const gw::test::mode m : gw::test::all_modes)        \
      DYNAMIC_SECTION("in mode " << gw::test::to_string(m)) { \
        const gw::test::mode_scope scope(m);                  \
        function();                                           \
      }                                                       \
  }                                                           \
  static void function()
#define GW_TEST_CASE_AT(line, ...) GW_TEST_CASE_IN_MODES(gw_test_case_##line, __VA_ARGS__)
#define GW_TEST_CASE_ON(line, ...) GW_TEST_CASE_AT(line, __VA_ARGS__)
#define GW_TEST_CASE(...) GW_TEST_CASE_ON(__LINE__, __VA_ARGS__)
