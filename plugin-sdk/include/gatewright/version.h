/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/version.h: the version of the plugin ABI, and its changelog.
 *
 * The ABI is one major and one minor number. Inside a major nothing that was released is changed or
 * removed: tables and structs only grow at their end, and each begins with its size. A plugin says
 * in its module (entry.h) with which minor it was built and which minor it needs at least.
 *
 * Changelog
 *   1.0 (draft)  first tables. Draft: layouts may still change, so a source file has to define
 *                GW_ENABLE_DRAFT before it includes any of these headers.
 */
#ifndef GATEWRIGHT_VERSION_H
#define GATEWRIGHT_VERSION_H

#define GW_ABI_MAJOR 1
#define GW_ABI_MINOR 0

/* The oldest minor that the plugin wants to run on. Members newer than it are hidden by the
 * headers. */
#ifndef GW_ABI_TARGET_MINOR
#define GW_ABI_TARGET_MINOR GW_ABI_MINOR
#endif

#ifndef GW_ENABLE_DRAFT
#error "the gatewright plugin ABI 1.0 is a draft: define GW_ENABLE_DRAFT to build against it"
#endif

#endif
