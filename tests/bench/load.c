// SPDX-License-Identifier: Apache-2.0
// The load generator. Prints one JSON object: what was answered, what was not, and the latencies.
//   load PORT [options]
//   -c N  connections (64)      -d S  seconds (1)         -n N  end after N requests
//   -u PATH (/)                 -b N  a POST with N bytes  -a  a header `apikey: key-%d`
//   -v N  `%d` in the path (of five digits) and the key is one of 0…N-1, at random
//   -r R  open loop: R requests a second with Poisson arrivals, latency from the intended time
//   -x    a new connection for each request
//   -t    over TLS, for requests without a body; -T  resuming sessions of earlier connections
//   -i    one request on each connection, then prints READY and keeps them idle until stdin ends
// Closed loop without -r: each connection sends its next request when it has the answer. An answer
// that is not 200, lacks Content-Length or ends a connection that was to be kept is an error.
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <time.h>

#include "load_tls.h"
#include "requests.h"
#include "wire.h"

typedef enum { k_closed, k_connecting, k_shaking, k_ready, k_busy, k_draining } State;

typedef struct {
  int fd;
  SSL* tls;              // null: without
  SSL_SESSION* session;  // of the last one
  State state;
  bool wants_write, in_body;
  int variant;
  size_t sent;  // of head and body together
  long body_left;
  int64_t begun;  // ns: when the request was sent, or should have been
  Head head;
} Connection;

// A ring of connections that may carry a request, and one of intended times that found none.
typedef struct {
  int64_t* items;
  long first, count, size;
} Ring;

static Connection* all;
static Ring ready_ones, late;
static float* latencies;  // µs
static long latencies_size;
static long started, answered, errors, in_flight;
static bool stopping;
static int epoll;
static char input[k_read_size];
static uint64_t random_state = 88172645463325252u;

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static uint64_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

static void ring_make(Ring* ring, long size) {
  ring->size = size;
  ring->items = must(calloc((size_t)size, sizeof *ring->items));
}

static bool ring_put(Ring* ring, int64_t item) {
  if (ring->count == ring->size) return false;
  ring->items[(ring->first + ring->count++) % ring->size] = item;
  return true;
}

static int64_t ring_take(Ring* ring) {
  const int64_t item = ring->items[ring->first];
  ring->first = (ring->first + 1) % ring->size;
  --ring->count;
  return item;
}

static void open_connection(Connection* c);

static void shut(Connection* c) {
  const struct linger abort_it = {1, 0};
  if (c->state == k_busy) setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &abort_it, sizeof abort_it);
  if (c->tls) tls_close(c->tls);
  c->tls = NULL;
  close(c->fd);
  c->state = k_closed;
}

static void fail(Connection* c) {
  ++errors;
  if (c->state == k_busy) --in_flight;
  const bool in_ring = c->state == k_ready;
  shut(c);
  // One that waits in the ring is found closed there; any other takes up its work again.
  if (!in_ring && !stopping && errors < 1000) open_connection(c);
}

static void want_write(Connection* c, bool wanted) {
  if (c->wants_write != wanted) watch(epoll, EPOLL_CTL_MOD, c->fd, wanted, c);
  c->wants_write = wanted;
}

static void push(Connection* c) {
  const Text* head = &heads[c->variant];
  const size_t total = head->size + (size_t)options.body;
  while (c->sent < total) {
    const size_t head_sent = c->sent < head->size ? c->sent : head->size;
    const size_t body_sent = c->sent - head_sent;
    struct iovec pieces[2] = {{head->bytes + head_sent, head->size - head_sent},
                              {body + body_sent, (size_t)options.body - body_sent}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = options.body ? 2 : 1};
    const ssize_t sent = c->tls ? tls_send(c->tls, pieces[0].iov_base, pieces[0].iov_len)
                                : sendmsg(c->fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) break;
    if (sent < 0) {
      fail(c);
      return;
    }
    c->sent += (size_t)sent;
  }
  want_write(c, c->sent < total);
}

static void begin(Connection* c, int64_t when) {
  c->variant = options.variants > 1 ? (int)(next_random() % (uint64_t)options.variants) : 0;
  c->begun = when;
  c->sent = c->head.size = 0;
  c->in_body = false;
  c->state = k_busy;
  ++started;
  ++in_flight;
  push(c);
}

static bool may_start(void) {
  return !stopping && (options.requests < 0 || started < options.requests);
}

// The connection is free for its next request.
static void next(Connection* c, bool first) {
  if (options.rate > 0 && late.count) {
    begin(c, ring_take(&late));
  } else if (options.rate > 0 || (options.idle && !first) || !may_start()) {
    c->state = k_ready;
    ring_put(&ready_ones, c - all);
  } else {
    begin(c, options.closing ? c->begun : now_ns());
  }
}

static void open_connection(Connection* c) {
  const struct sockaddr_in address = loopback(options.port);
  c->begun = now_ns();
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->fd < 0 ||
      (connect(c->fd, (const void*)&address, sizeof address) && errno != EINPROGRESS)) {
    ++errors;
    shut(c);
    return;
  }
  no_delay(c->fd);
  c->state = k_connecting;
  c->wants_write = true;
  watch(epoll, EPOLL_CTL_ADD, c->fd, true, c);
}

static void reopen(Connection* c) {
  shut(c);
  if (may_start()) open_connection(c);
}

static void note_latency(int64_t ns) {
  if (answered == latencies_size) {
    latencies_size = latencies_size ? 2 * latencies_size : 65536;
    latencies = must(realloc(latencies, (size_t)latencies_size * sizeof *latencies));
  }
  latencies[answered++] = (float)ns / 1000;
}

static void finish_answer(Connection* c) {
  const bool good = !strncmp(c->head.bytes, "HTTP/1.1 200", 12);
  const bool all_sent = c->sent == heads[c->variant].size + (size_t)options.body;
  if (!good || !all_sent) {
    fail(c);
    return;
  }
  note_latency(now_ns() - c->begun);
  --in_flight;
  if (options.closing)
    c->state = k_draining;
  else
    next(c, false);
}

static void feed(Connection* c, const char* data, size_t size) {
  if (!c->in_body) {
    const long taken = take_head(&c->head, data, size, &c->in_body);
    if (taken >= 0 && !c->in_body) return;
    c->body_left = taken < 0 ? -1 : content_length(&c->head);
    if (c->body_left < 0) {
      fail(c);
      return;
    }
    size -= (size_t)taken;
  }
  c->body_left -= (long)size;
  if (c->body_left < 0)
    fail(c);
  else if (c->body_left == 0)
    finish_answer(c);
}

// Whether there may be more.
static bool receive_some(Connection* c) {
  const ssize_t got =
      c->tls ? tls_receive(c->tls, input, sizeof input) : recv(c->fd, input, sizeof input, 0);
  if (got < 0 && errno == EAGAIN) return false;
  if (c->state == k_draining && got <= 0)
    reopen(c);
  else if (got <= 0 || c->state != k_busy)
    fail(c);
  else
    feed(c, input, (size_t)got);
  return c->tls && got > 0;
}

static void receive(Connection* c) {
  while (receive_some(c) && c->state != k_closed && c->state != k_connecting) continue;
}

static void shake(Connection* c) {
  const int done = tls_shake(c->tls);
  if (done < 0)
    fail(c);
  else if (done > 0)
    next(c, true);
}

static void handle(Connection* c, uint32_t events) {
  if (c->state == k_closed) return;
  if (c->state == k_connecting) {
    if (events & (EPOLLERR | EPOLLHUP)) {
      fail(c);
      return;
    }
    if (!(events & EPOLLOUT)) return;
    want_write(c, false);
    if (options.tls) {
      c->tls = tls_open(c->fd, &c->session);
      c->state = k_shaking;
      shake(c);
    } else {
      next(c, true);
    }
    return;
  }
  if (c->state == k_shaking) {
    shake(c);
    return;
  }
  if ((events & EPOLLOUT) && c->state == k_busy) push(c);
  if (c->state != k_closed && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) receive(c);
}

static void turn(int64_t wait_ns) {
  struct epoll_event events[k_events];
  const struct timespec wait = {wait_ns / 1000000000, wait_ns % 1000000000};
  const int count = epoll_pwait2(epoll, events, k_events, &wait, NULL);
  for (int i = 0; i < count; ++i) handle(events[i].data.ptr, events[i].events);
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// Starts what is due by `now`, and tells when the next one is.
static int64_t start_due(int64_t now, int64_t due) {
  while (due <= now && errors < 1000) {
    while (ready_ones.count && all[ready_ones.items[ready_ones.first]].state != k_ready)
      ring_take(&ready_ones);
    if (ready_ones.count)
      begin(&all[ring_take(&ready_ones)], due);
    else if (!ring_put(&late, due))
      ++errors;
    const double uniform = (double)(next_random() >> 11) / 9007199254740992.0;
    due += (int64_t)(-log(uniform + 1e-18) / options.rate * 1e9);
  }
  return due;
}

static int compare(const void* a, const void* b) {
  const float x = *(const float*)a, y = *(const float*)b;
  return (x > y) - (x < y);
}

static double percentile(double share) {
  if (!answered) return 0;
  long at = (long)ceil(share * (double)answered) - 1;
  if (at < 0) at = 0;
  return (double)latencies[at];
}

static void report(double seconds) {
  qsort(latencies, (size_t)answered, sizeof *latencies, compare);
  printf(
      "{\"requests\": %ld, \"seconds\": %.6f, \"errors\": %ld, \"unanswered\": %ld, \"p50\": %.1f, "
      "\"p99\": %.1f, \"max\": %.1f, \"handshakes\": %ld, \"resumed\": %ld}\n",
      answered, seconds, errors, in_flight + late.count, percentile(.5), percentile(.99),
      percentile(1), tls_handshakes, tls_resumed);
}

static void hold_idle(void) {
  const int64_t limit = now_ns() + (int64_t)(options.seconds * 1e9);
  int opened = 0;
  while (answered < options.connections && errors < 100 && now_ns() < limit) {
    while (opened < options.connections && opened - answered < 128) open_connection(&all[opened++]);
    turn(100000000);
  }
  printf("READY %ld\n", answered);
  fflush(stdout);
  struct pollfd waits[2] = {{.fd = 0, .events = POLLIN}, {.fd = epoll, .events = POLLIN}};
  char byte;
  for (;;) {
    poll(waits, 2, -1);
    if (waits[0].revents && read(0, &byte, 1) <= 0) break;
    if (waits[1].revents) turn(0);
  }
}

static void run_load(void) {
  for (int i = 0; i < options.connections; ++i) open_connection(&all[i]);
  // Open loop: connections first, then the clock.
  const int64_t limit = now_ns() + 3000000000ll;
  while (options.rate > 0 && ready_ones.count < options.connections && now_ns() < limit)
    turn(50000000);
  const int64_t begun = now_ns();
  const int64_t end = begun + (int64_t)(options.seconds * 1e9);
  int64_t due = begun, ended = 0;
  for (;;) {
    const int64_t now = now_ns();
    if (!stopping && (now >= end || (options.requests >= 0 && answered >= options.requests))) {
      stopping = true;
      ended = now;
    }
    if (errors >= 1000 || (stopping && (!in_flight || now > ended + 1000000000ll))) break;
    if (options.rate > 0 && !stopping) due = start_due(now, due);
    const int64_t until = stopping           ? ended + 1000000000ll
                          : options.rate > 0 ? least(due, end)
                                             : end;
    turn(until > now ? least(until - now, 50000000) : 0);
  }
  report((double)((ended ? ended : now_ns()) - begun) / 1e9);
}

int main(int argc, char** argv) {
  if (!read_options(argc, argv)) {
    fputs("load: expected PORT and options; they are told at the top of load.c\n", stderr);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_TIMERSLACK, 1);
  epoll = epoll_create1(0);
  all = must(calloc((size_t)options.connections, sizeof *all));
  ring_make(&ready_ones, options.connections);
  ring_make(&late, options.rate > 0 ? (long)(options.rate * options.seconds * 2) + 1000 : 1);
  make_heads();
  if (options.tls) tls_set_up(options.resume);
  if (options.idle)
    hold_idle();
  else
    run_load();
  return 0;
}
