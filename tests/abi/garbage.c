/* SPDX-License-Identifier: Apache-2.0 */
/* Modules whose notes are good and whose code says nonsense, one for each value of GARBAGE. Their
 * host has to live. */
#include <gatewright/plugin.h>

static const gw_plugin_desc k_short = {.size = 16, .name = "garbage"};
static const gw_plugin_desc k_nameless = {.size = sizeof k_nameless};
static const gw_plugin_desc k_listless = {
    .size = sizeof k_listless, .name = "garbage", .ncollections = 7};
static const gw_plugin_desc k_good = {.size = sizeof k_good, .name = "garbage"};
static const gw_plugin_desc *const k_lists[5][1] = {
    {NULL}, {&k_short}, {&k_nameless}, {&k_listless}, {&k_good}};
static gw_module g_module = GW_MODULE(1, NULL);

GW_MODULE_NOTE(1, "garbage");
const gw_module *gatewright_module_v1(const gw_host *host, gw_error *error) {
  (void)host, (void)error;
  if (GARBAGE < 5) g_module.plugins = k_lists[GARBAGE];
  if (GARBAGE == 6) g_module.size = 4;
  if (GARBAGE == 7) g_module.n = 0xFFFFFFFF, g_module.plugins = k_lists[4];
  if (GARBAGE == 8) return NULL;
  if (GARBAGE == 9) ++g_module.draft;
  return &g_module;
}
