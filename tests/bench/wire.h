// SPDX-License-Identifier: Apache-2.0
// What the origin and the load generator share. Both are one thread on one epoll, know only
// messages that carry Content-Length, and talk to nobody but 127.0.0.1.
#ifndef GATEWRIGHT_BENCH_WIRE_H_
#define GATEWRIGHT_BENCH_WIRE_H_

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { k_head_limit = 16384, k_read_size = 1 << 20, k_mebibyte = 1 << 20, k_events = 512 };

static inline struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static inline void no_delay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static inline void watch(int epoll, int operation, int fd, bool writable, void* who) {
  struct epoll_event event = {.events = EPOLLIN | (writable ? EPOLLOUT : 0u), .data.ptr = who};
  epoll_ctl(epoll, operation, fd, &event);
}

// A message's head as it comes in pieces. `size` bytes of `bytes` are taken.
typedef struct {
  size_t size;
  char bytes[k_head_limit];
} Head;

// Takes bytes of `data` up to the end of the head, and tells how many: all while the head is not
// complete, -1 when it is too long. `*complete` says whether it ended.
static inline long take_head(Head* head, const char* data, size_t size, bool* complete) {
  const size_t room = sizeof head->bytes - head->size;
  const size_t copied = size < room ? size : room;
  memcpy(head->bytes + head->size, data, copied);
  const char* end = memmem(head->bytes, head->size + copied, "\r\n\r\n", 4);
  *complete = end != NULL;
  if (!end) {
    head->size += copied;
    return copied == size ? (long)copied : -1;
  }
  const size_t before = head->size;
  head->size = (size_t)(end + 4 - head->bytes);
  return (long)(head->size - before);
}

// The value of Content-Length; 0 without one; -1 when the body has another framing.
static inline long content_length(const Head* head) {
  const char* end = head->bytes + head->size - 2;
  const char* line = memchr(head->bytes, '\n', head->size);
  long length = 0;
  for (; line && line + 1 < end; line = memchr(line, '\n', (size_t)(end - line))) {
    ++line;
    if (!strncasecmp(line, "content-length:", 15)) length = atol(line + 15);
    if (!strncasecmp(line, "transfer-encoding:", 18)) return -1;
  }
  return length;
}

#endif  // GATEWRIGHT_BENCH_WIRE_H_
