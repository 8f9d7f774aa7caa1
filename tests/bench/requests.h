// SPDX-License-Identifier: Apache-2.0
// What the load generator was asked for, and the requests that it sends, made before it begins.
#ifndef GATEWRIGHT_BENCH_REQUESTS_H_
#define GATEWRIGHT_BENCH_REQUESTS_H_

#include <stdio.h>
#include <unistd.h>

#include "wire.h"

static struct {
  int port, connections, variants;
  double seconds, rate;
  long requests, body;
  const char* path;
  bool key, closing, idle, tls, resume;
} options = {.connections = 64, .variants = 1, .seconds = 1, .requests = -1, .path = "/"};

typedef struct {
  char* bytes;
  size_t size;
} Text;

static Text* heads;  // one for each variant
static char* body;

static void* must(void* memory) {
  if (!memory) abort();
  return memory;
}

static void replace_number(char* out, size_t size, const char* text, int number) {
  const char* at = strstr(text, "%d");
  if (at)
    snprintf(out, size, "%.*s%05d%s", (int)(at - text), text, number, at + 2);
  else
    snprintf(out, size, "%s", text);
}

static void make_heads(void) {
  heads = must(calloc((size_t)options.variants, sizeof *heads));
  body = must(malloc((size_t)options.body + 1));
  memset(body, 'u', (size_t)options.body + 1);
  for (int i = 0; i < options.variants; ++i) {
    char path[1024], key[64] = "", length[64] = "";
    replace_number(path, sizeof path, options.path, i);
    if (options.key) snprintf(key, sizeof key, "apikey: key-%d\r\n", i);
    if (options.body) snprintf(length, sizeof length, "Content-Length: %ld\r\n", options.body);
    const int size =
        asprintf(&heads[i].bytes,
                 "%s %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: load/1\r\nAccept: */*\r\n"
                 "%s%s%s\r\n",
                 options.body ? "POST" : "GET", path, key, length,
                 options.closing ? "Connection: close\r\n" : "");
    if (size < 0) abort();
    heads[i].size = (size_t)size;
  }
}

static bool read_options(int argc, char** argv) {
  int option;
  while ((option = getopt(argc, argv, "c:d:n:u:b:av:r:xitT")) != -1) switch (option) {
      case 'c':
        options.connections = atoi(optarg);
        break;
      case 'd':
        options.seconds = atof(optarg);
        break;
      case 'n':
        options.requests = atol(optarg);
        break;
      case 'u':
        options.path = optarg;
        break;
      case 'b':
        options.body = atol(optarg);
        break;
      case 'a':
        options.key = true;
        break;
      case 'v':
        options.variants = atoi(optarg);
        break;
      case 'r':
        options.rate = atof(optarg);
        break;
      case 'x':
        options.closing = true;
        break;
      case 'i':
        options.idle = true;
        break;
      case 'T':
        options.resume = true;
        options.tls = true;
        break;
      case 't':
        options.tls = true;
        break;
      default:
        return false;
    }
  options.port = optind < argc ? atoi(argv[optind]) : 0;
  return options.port > 0 && options.connections > 0 && options.variants > 0;
}

#endif  // GATEWRIGHT_BENCH_REQUESTS_H_
