/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/plugin.h: everything that a plugin needs. The contract, in eight rules:
 *
 * 1. Stability. A plugin built with SDK 1.a runs unchanged on every Gatewright 1.b with b >= a.
 * Nothing released changes inside a major; tables and structs grow at their end only.
 * 2. Ownership. Nothing is freed across the edge: who made it frees it. What is given to a function
 * is copied unless its comment says borrowed.
 * 3. Lifetime. What the host returns is borrowed until the callback returns or the same thing is
 * changed.
 * 4. Bytes. gw_str is pointer and length, not NUL-terminated, any bytes; names and messages are
 * UTF-8.
 * 5. Threads. [config]: the process' main thread, never beside a request callback. [worker]: the
 * thread of that worker's loop; one plugin never runs twice at once in one worker. [any]: any
 * thread. There may be several worker processes: what they share goes through gw.kv/1 and
 * gw.metrics/1, never through globals.
 * 6. Null. A pointer may be null only where its comment says so. An absent gw_str has p == NULL.
 * 7. Errors. A gw_status below 0 is an error; an unknown one too. C++ exceptions must not leave a
 * callback (the C++ wrapper sees to that).
 * 8. Control. A callback steers by its return value only; no host function re-enters the plugin.
 * Every wait has a deadline.
 */
#ifndef GATEWRIGHT_PLUGIN_H
#define GATEWRIGHT_PLUGIN_H

#include "gatewright/entry.h"
#include "gatewright/host/admin.h"
#include "gatewright/host/balancer.h"
#include "gatewright/host/config.h"
#include "gatewright/host/configure.h"
#include "gatewright/host/consumer.h"
#include "gatewright/host/http_call.h"
#include "gatewright/host/kv.h"
#include "gatewright/host/log.h"
#include "gatewright/host/loop.h"
#include "gatewright/host/memory.h"
#include "gatewright/host/metrics.h"
#include "gatewright/host/pool.h"
#include "gatewright/host/tls.h"
#include "gatewright/host/trace.h"

#endif
