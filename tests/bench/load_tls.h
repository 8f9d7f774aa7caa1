// SPDX-License-Identifier: Apache-2.0
// TLS of the load generator: 1.3 with one suite and one group, so that all proxies do the same
// work. What it costs the client itself is not measured.
#ifndef GATEWRIGHT_BENCH_LOAD_TLS_H_
#define GATEWRIGHT_BENCH_LOAD_TLS_H_

#include <errno.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <sys/types.h>

static SSL_CTX* tls_context;
static long tls_handshakes, tls_resumed;

static int tls_keep(SSL* ssl, SSL_SESSION* session) {
  SSL_SESSION** kept = SSL_get_app_data(ssl);
  SSL_SESSION_free(*kept);
  *kept = session;
  return 1;
}

// resume: sessions of earlier connections.
static void tls_set_up(bool resume) {
  tls_context = SSL_CTX_new(TLS_client_method());
  if (!tls_context || !SSL_CTX_set_min_proto_version(tls_context, TLS1_3_VERSION) ||
      !SSL_CTX_set_ciphersuites(tls_context, "TLS_AES_128_GCM_SHA256") ||
      !SSL_CTX_set1_groups_list(tls_context, "X25519"))
    abort();
  SSL_CTX_set_mode(tls_context, SSL_MODE_ENABLE_PARTIAL_WRITE);
  if (!resume) return;
  SSL_CTX_set_session_cache_mode(tls_context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(tls_context, tls_keep);
}

// kept: the newest session of those who share this place, one connection at a time.
static SSL* tls_open(int fd, SSL_SESSION** kept) {
  SSL* ssl = SSL_new(tls_context);
  if (!ssl || !SSL_set_fd(ssl, fd)) abort();
  SSL_set_app_data(ssl, kept);
  if (*kept) SSL_set_session(ssl, *kept);
  SSL_set_connect_state(ssl);
  return ssl;
}

// As recv() and send() would answer.
static ssize_t tls_result(SSL* ssl, int result, size_t n) {
  if (result == 1) return (ssize_t)n;
  const int why = SSL_get_error(ssl, result);
  if (why == SSL_ERROR_ZERO_RETURN) return 0;
  errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
  return -1;
}

// 1: it is over. 0: it goes on. -1: it failed.
static int tls_shake(SSL* ssl) {
  const int result = SSL_do_handshake(ssl);
  if (result != 1) return tls_result(ssl, result, 0) < 0 && errno == EAGAIN ? 0 : -1;
  ++tls_handshakes;
  tls_resumed += SSL_session_reused(ssl);
  return 1;
}

static ssize_t tls_receive(SSL* ssl, char* to, size_t room) {
  size_t n = 0;
  const int result = SSL_read_ex(ssl, to, room, &n);
  return tls_result(ssl, result, n);
}

static ssize_t tls_send(SSL* ssl, const char* bytes, size_t size) {
  size_t n = 0;
  const int result = SSL_write_ex(ssl, bytes, size, &n);
  return tls_result(ssl, result, n);
}

// A session is not thrown away because its connection ended without a word.
static void tls_close(SSL* ssl) {
  SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl);
}

#endif  // GATEWRIGHT_BENCH_LOAD_TLS_H_
