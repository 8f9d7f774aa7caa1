/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled as C and as C++: fails to compile when the headers stray from the frozen list. */
#include <gatewright/plugin.h>

#ifdef __cplusplus
#define GW_HOLDS(condition) static_assert(condition, #condition)
#else
#define GW_HOLDS(condition) _Static_assert(condition, #condition)
#endif
#define GW_SIZE(type, n) GW_HOLDS(sizeof(type) == n)
#define GW_AT(type, member, n) GW_HOLDS(offsetof(type, member) == n)
#define GW_IS(constant, n) GW_HOLDS(constant == (n))
#define GW_TEXT(constant, text) GW_HOLDS(__builtin_strcmp(constant, text) == 0)

#include "layout_1_0.h"
#include "layout_1_0_values.h"
