/*
 * A TLS connection of the load generators: dials, shakes hands in full, sends one request, reads the answer, says
 * goodbye and waits until the server has closed its side too. Never blocks; epoll (edge-triggered) moves it on.
 *
 * A session is never resumed. The server's certificate is compared with the one that the bench has verified before:
 * a generator that built a chain for each connection would be slower than the servers that it measures.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ANSWER = 65536, MAX_PIDS = 16, SILENCE_MS = 10000, LATENCIES = 4000000 };

struct connection {
  int fd;
  SSL *ssl;
  enum { DIALLING, SHAKING, SENDING, READING, LEAVING } state;
  const uint8_t *request;
  size_t request_bytes, sent;
  uint8_t answer[MAX_ANSWER];
  size_t received;
  /* How many bytes the answer has; 0: as many as come until the server closes. */
  size_t expected;
  uint64_t began;
};

/* What became of a connection in one step. */
enum step { WAITING, ANSWERED, CLOSED };

static void fail(const char *what) {
  unsigned long code = ERR_get_error();
  const char *why = errno != 0 ? strerror(errno) : code != 0 ? ERR_reason_error_string(code) : NULL;
  fprintf(stderr, "load: %s%s%s\n", what, why != NULL ? ": " : "", why != NULL ? why : "");
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t clock_ns(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time) != 0) fail("no such server process");
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t cpu_ns(int count, const pid_t *pids) {
  uint64_t sum = 0;
  for (int index = 0; index < count; index++) {
    clockid_t clock;
    if (clock_getcpuclockid(pids[index], &clock) != 0) fail("no such server process");
    sum += clock_ns(clock);
  }
  return sum;
}

static uint32_t *latencies;
static uint64_t answered;

static void count_answer(const struct connection *connection) {
  uint64_t us = (now_ns() - connection->began) / 1000;
  latencies[us < LATENCIES ? us : LATENCIES - 1]++;
  answered++;
}

static uint64_t percentile(double share) {
  uint64_t rest = (uint64_t)((double)answered * share);
  for (uint64_t us = 0; us < LATENCIES; us++) {
    if (latencies[us] > rest) return us;
    rest -= latencies[us];
  }
  return LATENCIES;
}

/* The measured time: what the server and this process have used in it. */
struct window {
  uint64_t from, server, own;
};

static struct window open_window(int processes, const pid_t *pids) {
  if (latencies == NULL) latencies = calloc(LATENCIES, sizeof *latencies);
  if (latencies == NULL) fail("no memory");
  memset(latencies, 0, LATENCIES * sizeof *latencies);
  answered = 0;
  return (struct window){.from = now_ns(), .server = cpu_ns(processes, pids), .own = clock_ns(CLOCK_PROCESS_CPUTIME_ID)};
}

static void print_window(const struct window *window, int processes, const pid_t *pids) {
  double seconds = (double)(now_ns() - window->from) / 1e9;
  double server = (double)(cpu_ns(processes, pids) - window->server) / 1e9;
  double own = (double)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - window->own) / 1e9;
  if (answered == 0) fail("nothing was answered in the measured time");
  printf("{\"count\":%llu,\"perSecond\":%.2f,\"cpuUs\":%.2f,\"serverCores\":%.3f,\"loadCores\":%.3f,\"p50Us\":%llu,\"p99Us\":%llu}\n",
         (unsigned long long)answered, (double)answered / seconds, server * 1e6 / (double)answered, server / seconds,
         own / seconds, (unsigned long long)percentile(0.5), (unsigned long long)percentile(0.99));
}

static uint8_t *expected_leaf;
static int expected_leaf_bytes;

/* Replaces the building of a chain: the bench has built and verified it once. */
static int is_expected(X509_STORE_CTX *store, void *nothing) {
  (void)nothing;
  uint8_t *leaf = NULL;
  int bytes = i2d_X509(X509_STORE_CTX_get0_cert(store), &leaf);
  int same = bytes == expected_leaf_bytes && memcmp(leaf, expected_leaf, (size_t)bytes) == 0;
  OPENSSL_free(leaf);
  if (!same) X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return same;
}

/* `version` is 12 or 13, `server_file` holds the certificate (PEM) that the server has to show. */
static SSL_CTX *client_context(int version, const char *server_file) {
  FILE *file = fopen(server_file, "r");
  X509 *leaf = file == NULL ? NULL : PEM_read_X509(file, NULL, NULL, NULL);
  if (leaf == NULL) fail("the server's certificate cannot be read");
  fclose(file);
  expected_leaf = NULL;
  expected_leaf_bytes = i2d_X509(leaf, &expected_leaf);
  X509_free(leaf);
  int number = version == 12 ? TLS1_2_VERSION : TLS1_3_VERSION;
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  if (context == NULL || SSL_CTX_set_min_proto_version(context, number) != 1 ||
      SSL_CTX_set_max_proto_version(context, number) != 1 ||
      SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1 ||
      SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256") != 1)
    fail("no TLS");
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_cert_verify_callback(context, is_expected, NULL);
  return context;
}

/* Takes `ssl`. */
static void begin(struct connection *connection, SSL *ssl, int epoll, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int on = 1;
  connection->began = now_ns();
  connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (connection->fd < 0) fail("cannot dial");
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(connection->fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS) fail("cannot connect");
  errno = 0;
  connection->ssl = ssl;
  if (SSL_set_fd(ssl, connection->fd) != 1) fail("no TLS");
  SSL_set_connect_state(ssl);
  connection->state = DIALLING;
  connection->sent = connection->received = 0;
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = connection};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0) fail("epoll");
}

/* Whether to wait for the network; fails on what is an error. */
static int would_wait(const struct connection *connection, int result, const char *what) {
  int error = SSL_get_error(connection->ssl, result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
    errno = 0;
    return 1;
  }
  if (error != SSL_ERROR_SYSCALL) errno = 0;
  fail(what);
  return 0;
}

static enum step leave(struct connection *connection) {
  /* What the server says after the answer is let go; the end of it is what counts. */
  uint8_t rest[4096];
  for (;;) {
    ssize_t got = recv(connection->fd, rest, sizeof rest, 0);
    if (got > 0) continue;
    if (got < 0 && errno == EAGAIN) {
      errno = 0;
      return WAITING;
    }
    errno = 0;
    SSL_free(connection->ssl);
    close(connection->fd);
    return CLOSED;
  }
}

/* Goes on as far as it can. ANSWERED comes once, then CLOSED once, which may be in the next call at once. */
static enum step advance(struct connection *connection, uint32_t events) {
  SSL *ssl = connection->ssl;
  if (connection->state == DIALLING) {
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) return WAITING;
    connection->state = SHAKING;
  }
  if (connection->state == SHAKING) {
    int result = SSL_do_handshake(ssl);
    if (result != 1 && would_wait(connection, result, "the handshake failed")) return WAITING;
    if (SSL_session_reused(ssl)) fail("a session was resumed");
    connection->state = SENDING;
  }
  if (connection->state == SENDING) {
    while (connection->sent < connection->request_bytes) {
      int wrote = SSL_write(ssl, connection->request + connection->sent, (int)(connection->request_bytes - connection->sent));
      if (wrote <= 0 && would_wait(connection, wrote, "the request could not be sent")) return WAITING;
      connection->sent += (size_t)wrote;
    }
    connection->state = READING;
  }
  if (connection->state == READING) {
    for (;;) {
      if (connection->received == MAX_ANSWER) fail("an answer is too long");
      int got = SSL_read(ssl, connection->answer + connection->received, (int)(MAX_ANSWER - connection->received));
      if (got <= 0) {
        if (connection->expected == 0 && SSL_get_error(ssl, got) == SSL_ERROR_ZERO_RETURN) break;
        if (would_wait(connection, got, "the server did not answer")) return WAITING;
      }
      connection->received += (size_t)got;
      if (connection->expected != 0 && connection->received >= connection->expected) break;
    }
    connection->state = LEAVING;
    SSL_shutdown(ssl);
    shutdown(connection->fd, SHUT_WR);
    errno = 0;
    return ANSWERED;
  }
  return leave(connection);
}
