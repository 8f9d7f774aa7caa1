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
 *     draft 1    the revisions begin: it stands in the note and in gw_module.
 *     draft 2    request.h: GW_CLIENT_CERT, GW_CLIENT_CERT_SUBJECT, GW_CLIENT_CERT_FINGERPRINT.
 */
#ifndef GATEWRIGHT_VERSION_H
#define GATEWRIGHT_VERSION_H

#define GW_ABI_MAJOR 1
#define GW_ABI_MINOR 0

/* The revision of a minor that is a draft; 0 once it is released. Each change of a layout, a type
 * or a value makes a new one. A host loads a plugin that needs its own minor
 * only if both were built with the same revision. */
#define GW_ABI_DRAFT 2

/* The oldest minor that the plugin wants to run on. Members newer than it are hidden by the
 * headers. */
#ifndef GW_ABI_TARGET_MINOR
#define GW_ABI_TARGET_MINOR GW_ABI_MINOR
#endif

/* The revision that a plugin depends on: none if it wants no more than a released minor. */
#if GW_ABI_TARGET_MINOR == GW_ABI_MINOR
#define GW_ABI_TARGET_DRAFT GW_ABI_DRAFT
#else
#define GW_ABI_TARGET_DRAFT 0
#endif

#if GW_ABI_DRAFT > 0 && !defined(GW_ENABLE_DRAFT)
#error "the gatewright plugin ABI 1.0 is a draft: define GW_ENABLE_DRAFT to build against it"
#endif

#endif
