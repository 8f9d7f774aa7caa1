/* SPDX-License-Identifier: Apache-2.0 */
/* One of the ten plugins of chain_cost.cpp (NAME tells which): it reads two headers and adds one.
 */
#include <gatewright/plugin.h>
#include <stdlib.h>

typedef struct ids {
  gw_hid host, accept, added;
} ids;

static gw_status instance_new(const gw_instance_args *args, void **inst, gw_error *error) {
  const gw_config_api *config = args->host->get_api(args->host, GW_CONFIG_API);
  ids *made = config != NULL ? malloc(sizeof *made) : NULL;
  (void)error;
  if (made == NULL) return GW_E_NOMEM;
  made->host = config->header_id(args->cfg, (gw_str)GW_STR("Host"));
  made->accept = config->header_id(args->cfg, (gw_str)GW_STR("Accept"));
  made->added = config->header_id(args->cfg, (gw_str)GW_STR("X-" NAME));
  *inst = made;
  return GW_OK;
}

static gw_action on_request(gw_req *r, gw_self *self) {
  const ids *my = self->inst;
  const gw_str host = r->v->hdr_get(r, GW_REQUEST, my->host);
  const gw_str accept = r->v->hdr_get(r, GW_REQUEST, my->accept);
  const gw_str value = host.n > accept.n ? (gw_str)GW_STR("longer") : (gw_str)GW_STR("shorter");
  return r->v->hdr_add(r, GW_REQUEST, my->added, value, GW_BORROW) == GW_OK ? GW_CONTINUE : GW_FAIL;
}

static const gw_plugin_desc k_plugin = {
    .size = sizeof k_plugin,
    .name = NAME,
    .version = "1",
    .schema = "{}",
    .priority = 10,
    .instance_new = instance_new,
    .instance_free = free,
    .on_request = on_request,
};
static const gw_plugin_desc *const k_plugins[] = {&k_plugin};
static const gw_module k_module = GW_MODULE(1, k_plugins);

GW_MODULE_NOTE(1, NAME);
const gw_module *gatewright_module_v1(const gw_host *host, gw_error *error) {
  (void)host, (void)error;
  return &k_module;
}
