/*
 * The load generator of `npm run bench`: one for all servers, so that what differs is the server.
 * Holds connections with so many requests open on each, reads ten holding registers, verifies every byte of every
 * answer, and reads the server's processor time from the system at the borders of the measured time.
 *
 *   load PORT CONNECTIONS ACTIVE DEPTH WARM_MS TIME_MS SERVER_PID...
 *
 * Prints one line of JSON. Exit code 1: the server gave a wrong answer, hung up or went silent for five seconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REGISTERS = 10, REQUEST = 12, ANSWER = 9 + 2 * REGISTERS, MAX_DEPTH = 64, MAX_CONNECTIONS = 4096, MAX_PIDS = 16 };
/* Microseconds up to which latencies are counted one by one. */
enum { LATENCIES = 200000 };
static const uint64_t SILENCE_NS = 5000000000u;

struct connection {
  int fd;
  uint16_t next_sent, next_awaited;
  int held;
  uint8_t carry[ANSWER * MAX_DEPTH];
  uint64_t sent_at[MAX_DEPTH];
};

static struct connection connections[MAX_CONNECTIONS];
static uint32_t latencies[LATENCIES];
static uint64_t answered;
static int depth;

static void fail(const char *what) {
  fprintf(stderr, "load: %s%s%s\n", what, errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t cpu_ns(int count, const pid_t *pids) {
  uint64_t sum = 0;
  for (int index = 0; index < count; index++) {
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid(pids[index], &clock) != 0 || clock_gettime(clock, &time) != 0) fail("no such server process");
    sum += (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
  }
  return sum;
}

static void put_requests(struct connection *connection, int count, uint64_t now) {
  uint8_t out[REQUEST * MAX_DEPTH];
  uint8_t *at = out;
  for (int index = 0; index < count; index++, at += REQUEST) {
    uint16_t id = connection->next_sent++;
    connection->sent_at[id % MAX_DEPTH] = now;
    const uint8_t request[REQUEST] = {id >> 8, id & 255, 0, 0, 0, 6, 1, 3, 0, 0, 0, REGISTERS};
    memcpy(at, request, REQUEST);
  }
  errno = 0;
  if (send(connection->fd, out, (size_t)count * REQUEST, MSG_NOSIGNAL) != count * REQUEST) fail("requests could not be sent");
}

/* Register n of every server holds 1000 + n. */
static void verify(struct connection *connection, const uint8_t *answer, uint64_t now) {
  uint16_t id = connection->next_awaited++;
  uint8_t expected[ANSWER] = {id >> 8, id & 255, 0, 0, 0, ANSWER - 6, 1, 3, 2 * REGISTERS};
  for (int index = 0; index < REGISTERS; index++) {
    expected[9 + 2 * index] = (1000 + index) >> 8;
    expected[10 + 2 * index] = (1000 + index) & 255;
  }
  errno = 0;
  if (memcmp(answer, expected, ANSWER) != 0) fail("an answer was wrong or out of order");
  uint64_t us = (now - connection->sent_at[id % MAX_DEPTH]) / 1000;
  latencies[us < LATENCIES ? us : LATENCIES - 1]++;
  answered++;
}

/* Returns how many answers were completed. */
static int receive(struct connection *connection, uint64_t now) {
  errno = 0;
  ssize_t got = recv(connection->fd, connection->carry + connection->held, sizeof connection->carry - (size_t)connection->held, 0);
  if (got <= 0) {
    if (got < 0 && errno == EAGAIN) return 0;
    fail("the server hung up");
  }
  int held = connection->held + (int)got, at = 0, count = 0;
  for (; held - at >= ANSWER; at += ANSWER, count++) verify(connection, connection->carry + at, now);
  memmove(connection->carry, connection->carry + at, (size_t)(held - at));
  connection->held = held - at;
  return count;
}

static int dial(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) fail("cannot connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct timeval patience = {.tv_sec = 5};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

static uint64_t percentile(double share) {
  uint64_t rest = (uint64_t)((double)answered * share);
  for (uint64_t us = 0; us < LATENCIES; us++) {
    if (latencies[us] > rest) return us;
    rest -= latencies[us];
  }
  return LATENCIES;
}

int main(int argc, char **argv) {
  if (argc < 8 || argc - 7 > MAX_PIDS) {
    fprintf(stderr, "usage: load PORT CONNECTIONS ACTIVE DEPTH WARM_MS TIME_MS SERVER_PID...\n");
    return 2;
  }
  int port = atoi(argv[1]), held = atoi(argv[2]), active = atoi(argv[3]);
  depth = atoi(argv[4]);
  uint64_t warm = strtoull(argv[5], NULL, 10) * 1000000u, measured = strtoull(argv[6], NULL, 10) * 1000000u;
  if (held < 1 || held > MAX_CONNECTIONS || active < 0 || active > held || depth < 1 || depth > MAX_DEPTH) return 2;
  pid_t pids[MAX_PIDS];
  int processes = argc - 7;
  for (int index = 0; index < processes; index++) pids[index] = atoi(argv[7 + index]);

  int epoll = epoll_create1(0);
  for (int index = 0; index < held; index++) {
    struct connection *connection = &connections[index];
    connection->fd = dial(port);
    /* Each has asked once before it may idle: what a connection costs shows only then. */
    put_requests(connection, 1, now_ns());
    errno = 0;
    while (receive(connection, now_ns()) == 0) {
      if (errno == EAGAIN) fail("the server went silent");
    }
    if (index >= active) continue;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0) fail("epoll");
  }
  if (active == 0) {
    /* Holds the connections until its input ends. */
    printf("{\"held\":%d}\n", held);
    fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) continue;
    return 0;
  }

  for (int index = 0; index < active; index++) put_requests(&connections[index], depth, now_ns());
  uint64_t start = now_ns(), from = 0, before = 0, after = 0, at = start, heard = start;
  int measuring = 0;
  for (;;) {
    struct epoll_event events[256];
    /* It never sleeps: waking it would be a cost of the server's write, which no server has whose client is elsewhere. */
    int count = epoll_wait(epoll, events, 256, 0);
    at = now_ns();
    if (count > 0) heard = at;
    else if (at - heard > SILENCE_NS) fail("the server went silent");
    for (int index = 0; index < count; index++) {
      struct connection *connection = events[index].data.ptr;
      int done = receive(connection, now_ns());
      if (done > 0) put_requests(connection, done, now_ns());
    }
    if (!measuring && at - start >= warm) {
      measuring = 1;
      answered = 0;
      memset(latencies, 0, sizeof latencies);
      before = cpu_ns(processes, pids);
      from = now_ns();
    } else if (measuring && at - from >= measured) {
      after = cpu_ns(processes, pids);
      at = now_ns();
      break;
    }
  }
  struct rusage own;
  getrusage(RUSAGE_SELF, &own);
  double seconds = (double)(at - from) / 1e9;
  double ownSeconds = (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) + (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
  printf("{\"requests\":%llu,\"seconds\":%.6f,\"perSecond\":%.0f,\"cpuUs\":%.4f,\"serverCores\":%.3f,\"loadCores\":%.3f,"
         "\"p50Us\":%llu,\"p99Us\":%llu}\n",
         (unsigned long long)answered, seconds, (double)answered / seconds, (double)(after - before) / 1e3 / (double)answered,
         (double)(after - before) / 1e9 / seconds, ownSeconds / ((double)(at - start) / 1e9), (unsigned long long)percentile(0.5),
         (unsigned long long)percentile(0.99));
  return 0;
}
