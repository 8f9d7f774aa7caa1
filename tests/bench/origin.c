// SPDX-License-Identifier: Apache-2.0
// The service behind the proxies: answers from memory, so that it costs less than any proxy.
//   origin      prints the port that it listens on, then serves until it is killed
//   any path    200 and 100 bytes, after the request's body
//   /1m…        200 and 1 MiB
//   /echo…      200; the body is the request's head as it came
//   /stats      200; "REQUESTS CONNECTIONS" so far
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "wire.h"

typedef struct {
  char* bytes;
  size_t size;
} Answer;

typedef struct {
  int fd;
  bool in_body;
  bool closes;
  long body_left;
  Answer own;  // made for this request; else the bytes are shared
  const char* out;
  size_t out_left;
  Head head;
} Connection;

static Answer small_answer, big_answer;
static long requests, connections;
static int epoll;
static char input[k_read_size];

static Answer make_answer(const char* body, size_t size) {
  Answer answer;
  answer.bytes = malloc(size + 200);
  if (!answer.bytes) abort();
  const int head =
      sprintf(answer.bytes,
              "HTTP/1.1 200 OK\r\nServer: origin\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
              "Content-Type: text/plain\r\nContent-Length: %zu\r\n\r\n",
              size);
  if (body)
    memcpy(answer.bytes + head, body, size);
  else
    memset(answer.bytes + head, 'x', size);
  answer.size = (size_t)head + size;
  return answer;
}

// False: the connection is of no more use.
static bool flush(Connection* c) {
  while (c->out_left) {
    const ssize_t sent = send(c->fd, c->out, c->out_left, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      watch(epoll, EPOLL_CTL_MOD, c->fd, true, c);
      return true;
    }
    if (sent < 0) return false;
    c->out += sent;
    c->out_left -= (size_t)sent;
  }
  free(c->own.bytes);
  c->own.bytes = NULL;
  return !c->closes;
}

static bool path_begins(const Connection* c, const char* path) {
  const char* space = memchr(c->head.bytes, ' ', c->head.size);
  return space && !strncmp(space + 1, path, strlen(path));
}

static bool answer_request(Connection* c) {
  Answer answer = small_answer;
  char stats[64];
  if (path_begins(c, "/stats")) {
    const int size = snprintf(stats, sizeof stats, "%ld %ld", requests, connections);
    answer = c->own = make_answer(stats, (size_t)size);
  } else if (path_begins(c, "/echo")) {
    answer = c->own = make_answer(c->head.bytes, c->head.size);
  } else if (path_begins(c, "/1m")) {
    answer = big_answer;
  }
  ++requests;
  c->closes = memmem(c->head.bytes, c->head.size, "onnection: close", 16) != NULL;
  c->out = answer.bytes;
  c->out_left = answer.size;
  c->head.size = 0;
  c->in_body = false;
  return flush(c);
}

static bool feed(Connection* c, const char* data, size_t size) {
  while (size) {
    if (!c->in_body) {
      bool complete = false;
      const long taken = take_head(&c->head, data, size, &complete);
      if (taken < 0) return false;
      data += taken;
      size -= (size_t)taken;
      if (!complete) return true;
      c->in_body = true;
      c->body_left = content_length(&c->head);
      if (c->body_left < 0) return false;
    }
    const size_t taken = (long)size < c->body_left ? size : (size_t)c->body_left;
    data += taken;
    size -= taken;
    c->body_left -= (long)taken;
    if (c->body_left == 0 && !answer_request(c)) return false;
  }
  return true;
}

static void drop(Connection* c) {
  close(c->fd);
  free(c->own.bytes);
  free(c);
}

static void accept_all(int listener) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    Connection* c = calloc(1, sizeof *c);
    if (!c) abort();
    c->fd = fd;
    ++connections;
    no_delay(fd);
    watch(epoll, EPOLL_CTL_ADD, fd, false, c);
  }
}

static void serve(Connection* c, uint32_t events) {
  if (c->out_left) {
    if (!(events & (EPOLLOUT | EPOLLHUP | EPOLLERR))) return;
    if (!flush(c)) {
      drop(c);
      return;
    }
    if (!c->out_left) watch(epoll, EPOLL_CTL_MOD, c->fd, false, c);
    return;
  }
  const ssize_t got = recv(c->fd, input, sizeof input, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0 || !feed(c, input, (size_t)got)) drop(c);
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  small_answer = make_answer(NULL, 100);
  big_answer = make_answer(NULL, k_mebibyte);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener, (void*)&address, size) || listen(listener, 8192) ||
      getsockname(listener, (void*)&address, &size)) {
    perror("origin: cannot listen on 127.0.0.1");
    return 1;
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  epoll = epoll_create1(0);
  watch(epoll, EPOLL_CTL_ADD, listener, false, NULL);
  for (;;) {
    struct epoll_event events[k_events];
    const int count = epoll_wait(epoll, events, k_events, -1);
    for (int i = 0; i < count; ++i)
      if (events[i].data.ptr)
        serve(events[i].data.ptr, events[i].events);
      else
        accept_all(listener);
  }
}
