/*
 * The server that clients are measured against: answers every reading of holding registers, several to a segment in one
 * write, and checks nothing but the length. Much faster than any of the clients.
 *
 *   fast-server             prints its port
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST = 12, REQUESTS = 256, ANSWER_MOST = 9 + 2 * 125, CONNECTIONS = 1024 };

static struct {
  uint8_t carry[REQUEST * REQUESTS];
  int held;
} connections[CONNECTIONS];

static uint8_t out[ANSWER_MOST * REQUESTS];

/* Register n holds 1000 + n. */
static uint8_t *answer(const uint8_t *request, uint8_t *to) {
  int first = request[8] << 8 | request[9], quantity = request[11] > 125 ? 125 : request[11];
  memcpy(to, request, 8);
  to[4] = 0;
  to[5] = (uint8_t)(3 + 2 * quantity);
  to[8] = (uint8_t)(2 * quantity);
  to += 9;
  for (int index = 0; index < quantity; index++) {
    int value = 1000 + first + index;
    *to++ = (uint8_t)(value >> 8);
    *to++ = (uint8_t)value;
  }
  return to;
}

static int serve(int fd) {
  uint8_t *carry = connections[fd].carry;
  int held = connections[fd].held;
  ssize_t got = recv(fd, carry + held, (size_t)(REQUEST * REQUESTS - held), 0);
  if (got <= 0) return 0;
  held += (int)got;
  uint8_t *to = out;
  int at = 0;
  for (; held - at >= REQUEST; at += REQUEST) to = answer(carry + at, to);
  memmove(carry, carry + at, (size_t)(held - at));
  connections[fd].held = held - at;
  return send(fd, out, (size_t)(to - out), MSG_NOSIGNAL) == to - out;
}

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0);
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 511) != 0) return 1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  int clients = 0;
  for (;;) {
    struct epoll_event events[64];
    /* Awake as long as there is a client: how long a machine takes to wake is not what is compared. */
    int count = epoll_wait(epoll, events, 64, clients > 0 ? 0 : -1);
    for (int index = 0; index < count; index++) {
      int fd = events[index].data.fd, on = 1;
      if (fd != listener) {
        if (serve(fd)) continue;
        close(fd);
        clients--;
        continue;
      }
      int client = accept(listener, NULL, NULL);
      if (client < 0 || client >= CONNECTIONS) {
        close(client);
        continue;
      }
      connections[client].held = 0;
      clients++;
      setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      event.data.fd = client;
      epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event);
    }
  }
}
