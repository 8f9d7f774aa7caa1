/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/metrics.h: "gw.metrics/1", counters, gauges and histograms, summed over workers.
 *
 * Names as Prometheus has them ([a-z_:][a-z0-9_:]*, unit as suffix, _total for counters). A
 * definition is found again by its name; a different shape under the same name is an error. Values
 * survive reloads and the death of a worker. */
#ifndef GATEWRIGHT_HOST_METRICS_H
#define GATEWRIGHT_HOST_METRICS_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_METRICS_API "gw.metrics/1"
enum { GW_COUNTER = 1, GW_GAUGE = 2, GW_HISTOGRAM = 3 };

/* Series that dyn makes of one metric; what comes above is counted in one more, all of whose labels
 * are GW_OTHER_SERIES. */
#define GW_DYN_SERIES_MAX 1000
#define GW_OTHER_SERIES "_other"

/* What a series has counted in all workers. The caller's memory; `size` is set by the caller. */
typedef struct gw_metric_value {
  uint32_t size;
  int32_t kind;
  int64_t value;  /* counter, gauge */
  uint64_t count; /* histogram: of observations */
  double sum;     /* histogram: of what was observed */
} gw_metric_value;

typedef struct gw_metrics_api {
  uint32_t size, rsv;

  /* Defines a metric. nbuckets upper bounds, ascending, for histograms (+Inf is added); else 0. At
   * most 8 labels, 32 buckets. 0 on failure; error may be NULL. @since 1.0 @thread config */
  gw_metric (*define)(gw_cfg *cfg, int32_t kind, gw_str name, gw_str help, const gw_str *labels,
                      uint32_t nlabels, const double *buckets, uint32_t nbuckets, gw_error *error);
  /* The series of these label values: the id for the hot path. 0 when there are too many series
   * (the host counts that).
   * @since 1.0 @thread config,worker */
  gw_metric (*with)(gw_metric metric, const gw_str *values, uint32_t nvalues);
  /* Of a counter or gauge. These three do nothing on id 0. @since 1.0 @thread worker */
  void (*add)(gw_metric series, int64_t n);
  /* Of a gauge. @since 1.0 @thread worker */
  void (*set)(gw_metric series, int64_t value);
  /* Of a histogram. @since 1.0 @thread worker */
  void (*observe)(gw_metric series, double value);
  /* For label values that are known only at the call (a status, a peer): finds the series by its
   * hash or makes it, then adds to a counter, sets a gauge, observes for a histogram. The number of
   * series is bounded by GW_DYN_SERIES_MAX, and by the room that is left in the region; above that
   * the series GW_OTHER_SERIES counts. Values are cut at 256 bytes. A wrong number of values does
   * nothing. Allocates nothing; some 130 ns with two labels, where a bound series takes 5: bind
   * what is known early. @since 1.0 @thread worker */
  void (*dyn)(gw_metric metric, const gw_str *values, uint32_t nvalues, double value);
  /* Of a series, or of a metric without labels. GW_E_NOTFOUND: no such series; GW_E_INVALID:
   * out->size is too small. For tests and pages: it adds up all workers. @since 1.0
   * @thread any */
  gw_status (*read)(gw_metric series, gw_metric_value *out);
} gw_metrics_api;

#ifdef __cplusplus
}
#endif
#endif
