/*
 * Full mutual TLS handshakes, one after the other on so many places at once. A handshake counts when the server has
 * answered one request on the new connection: in TLS 1.3 a client knows only then that its certificate was accepted.
 *
 *   handshakes PORT AT_ONCE WARM_MS TIME_MS 12|13 modbus|line IDENTITY.pem SERVER.pem SERVER_PID...
 *
 * TIME_MS grows until every place had its turn. Prints one line of JSON. Exit code 1: the server refused, answered wrongly or went silent.
 */
#include "connection.h"

enum { MAX_AT_ONCE = 256, REGISTERS = 10 };

static const uint8_t modbus_request[] = {0, 7, 0, 0, 0, 6, 1, 3, 0, 0, 0, REGISTERS};
static uint8_t modbus_answer[9 + 2 * REGISTERS] = {0, 7, 0, 0, 0, 3 + 2 * REGISTERS, 1, 3, 2 * REGISTERS};
/* What `openssl s_server -rev` makes of a line. */
static const uint8_t line_request[] = "modwarden\n";
static const uint8_t line_answer[] = "nedrawdom\n";

static struct connection connections[MAX_AT_ONCE];

int main(int argc, char **argv) {
  if (argc < 10 || argc - 9 > MAX_PIDS) {
    fprintf(stderr, "usage: handshakes PORT AT_ONCE WARM_MS TIME_MS 12|13 modbus|line IDENTITY.pem SERVER.pem SERVER_PID...\n");
    return 2;
  }
  int port = atoi(argv[1]), at_once = atoi(argv[2]), modbus = strcmp(argv[6], "modbus") == 0;
  uint64_t warm = strtoull(argv[3], NULL, 10) * 1000000u, measured = strtoull(argv[4], NULL, 10) * 1000000u;
  if (at_once < 1 || at_once > MAX_AT_ONCE) return 2;
  pid_t pids[MAX_PIDS];
  int processes = argc - 9;
  for (int index = 0; index < processes; index++) pids[index] = atoi(argv[9 + index]);
  SSL_CTX *context = client_context(atoi(argv[5]), argv[8]);
  if (SSL_CTX_use_certificate_chain_file(context, argv[7]) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, argv[7], SSL_FILETYPE_PEM) != 1)
    fail("the identity cannot be read");
  /* Register n of every server holds 1000 + n. */
  for (int index = 0; index < REGISTERS; index++) {
    modbus_answer[9 + 2 * index] = (1000 + index) >> 8;
    modbus_answer[10 + 2 * index] = (1000 + index) & 255;
  }
  const uint8_t *expected = modbus ? modbus_answer : line_answer;
  size_t expected_bytes = modbus ? sizeof modbus_answer : sizeof line_answer - 1;

  int epoll = epoll_create1(0);
  for (int index = 0; index < at_once; index++) {
    struct connection *connection = &connections[index];
    connection->request = modbus ? modbus_request : line_request;
    connection->request_bytes = modbus ? sizeof modbus_request : sizeof line_request - 1;
    connection->expected = expected_bytes;
    begin(connection, SSL_new(context), epoll, port);
  }
  struct window window = open_window(processes, pids);
  uint64_t start = window.from;
  int measuring = 0;
  for (;;) {
    struct epoll_event events[MAX_AT_ONCE];
    int count = epoll_wait(epoll, events, MAX_AT_ONCE, SILENCE_MS);
    if (count <= 0) fail("the server went silent");
    for (int index = 0; index < count; index++) {
      struct connection *connection = events[index].data.ptr;
      enum step step = advance(connection, events[index].events);
      if (step == ANSWERED) {
        if (connection->received != expected_bytes || memcmp(connection->answer, expected, expected_bytes) != 0) fail("an answer was wrong");
        count_answer(connection);
        step = advance(connection, 0);
      }
      if (step == CLOSED) begin(connection, SSL_new(context), epoll, port);
    }
    uint64_t now = now_ns();
    if (!measuring && now - start >= warm) {
      measuring = 1;
      window = open_window(processes, pids);
    } else if (measuring && now - window.from >= measured && answered >= (uint64_t)at_once) {
      print_window(&window, processes, pids);
      return 0;
    }
  }
}
