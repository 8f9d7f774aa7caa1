/* SPDX-License-Identifier: Apache-2.0 */
/* hello-c: a plugin in C, with the headers alone. It tells the upstream a greeting in a header that
 * is configured, and turns away who is unwelcome. */
#include <gatewright/plugin.h>
#include <stdlib.h>
#include <string.h>

#include "hello-c_schema.h" /* made from schema.json: gw_schema */

typedef struct hello {
  gw_hid header;
  size_t n;
  char greeting[256];
} hello;

static gw_status refuse(gw_error *error, const char *text) {
  error->code = GW_E_INVALID;
  strncpy(error->msg, text, sizeof error->msg - 1);
  return GW_E_INVALID;
}

/* One for each entry of the configuration; the host has checked it against the schema. */
static gw_status instance_new(const gw_instance_args *args, void **inst, gw_error *error) {
  const gw_config_api *config = args->host->get_api(args->host, GW_CONFIG_API);
  if (config == NULL) return refuse(error, "this host does not offer " GW_CONFIG_API);
  const gw_str greeting = config->str(args->cfg, "/greeting");
  hello *h = calloc(1, sizeof *h);
  if (h == NULL) return GW_E_NOMEM;
  if (greeting.n > sizeof h->greeting) {
    free(h);
    return refuse(error, "/greeting: longer than 256 bytes");
  }
  memcpy(h->greeting, greeting.p, greeting.n);
  h->n = greeting.n;
  h->header = config->header_id(args->cfg, config->str(args->cfg, "/header"));
  *inst = h;
  return GW_OK;
}

static void instance_free(void *inst) { free(inst); }

static gw_action on_request(gw_req *r, gw_self *self) {
  const hello *h = self->inst;
  const gw_str who = r->v->hdr_get(r, GW_REQUEST, h->header);
  if (who.n == 7 && memcmp(who.p, "mallory", 7) == 0) {
    gw_response answer = {0};
    answer.size = sizeof answer;
    answer.status = 403;
    answer.code = (gw_str)GW_STR("unwelcome");
    answer.message = (gw_str)GW_STR("Not you again");
    return r->v->respond(r, &answer) == GW_OK ? GW_RESPOND : GW_FAIL;
  }
  const gw_str greeting = {h->greeting, h->n}; /* outlives the request, so it is not copied */
  return r->v->hdr_set(r, GW_REQUEST, h->header, greeting, GW_BORROW) == GW_OK ? GW_CONTINUE
                                                                               : GW_FAIL;
}

static const gw_plugin_desc k_hello = {
    .size = sizeof k_hello,
    .name = "hello-c",
    .version = "1.0.0",
    .schema = gw_schema,
    .priority = 500,
    .instance_new = instance_new,
    .instance_free = instance_free,
    .on_request = on_request,
};
static const gw_plugin_desc *const k_plugins[] = {&k_hello};
static const gw_module k_module = GW_MODULE(1, k_plugins);

GW_MODULE_NOTE(1, "hello-c");
const gw_module *gatewright_module_v1(const gw_host *host, gw_error *error) {
  (void)host, (void)error;
  return &k_module;
}
