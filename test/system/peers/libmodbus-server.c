/*
 * A server made of libmodbus over the tables of drive.ts, for any number of clients. Ends with its standard input.
 *
 *   libmodbus-server tcp UNIT
 *   libmodbus-server rtu /dev/pts/N UNIT
 */
#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIZE 2200

static modbus_mapping_t *tables(void) {
  modbus_mapping_t *map = modbus_mapping_new(SIZE, SIZE, SIZE, SIZE);
  for (int i = 0; map != NULL && i < SIZE; i++) {
    map->tab_bits[i] = i % 3 == 0;
    map->tab_input_bits[i] = i % 5 < 2;
    map->tab_registers[i] = (uint16_t)(i * 257 + 3);
    map->tab_input_registers[i] = (uint16_t)(60000 + i * 7);
  }
  return map;
}

static int listening(modbus_t *ctx) {
  int listener = modbus_tcp_listen(ctx, 16);
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  if (listener < 0 || getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
    fprintf(stderr, "listen: %s\n", modbus_strerror(errno));
    exit(1);
  }
  printf("ready %d\n", ntohs(address.sin_port));
  return listener;
}

int main(int argc, char **argv) {
  int tcp = argc > 2 && strcmp(argv[1], "tcp") == 0;
  modbus_t *ctx = tcp ? modbus_new_tcp("127.0.0.1", 0) : modbus_new_rtu(argv[2], 19200, 'E', 8, 1);
  modbus_mapping_t *map = tables();
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  fd_set open;
  int listener = -1;
  int highest;

  if (ctx == NULL || map == NULL || modbus_set_slave(ctx, atoi(argv[tcp ? 2 : 3])) != 0) return 1;
  FD_ZERO(&open);
  FD_SET(STDIN_FILENO, &open);
  if (tcp) {
    highest = listener = listening(ctx);
  } else {
    if (modbus_connect(ctx) != 0) return 1;
    highest = modbus_get_socket(ctx);
    printf("ready\n");
  }
  FD_SET(highest, &open);
  fflush(stdout);

  for (;;) {
    fd_set ready = open;
    if (select(highest + 1, &ready, NULL, NULL, NULL) < 0) return 1;
    if (FD_ISSET(STDIN_FILENO, &ready)) return 0;
    for (int fd = STDERR_FILENO + 1; fd <= highest; fd++) {
      if (!FD_ISSET(fd, &ready)) continue;
      if (fd == listener) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        FD_SET(client, &open);
        if (client > highest) highest = client;
        continue;
      }
      if (tcp) modbus_set_socket(ctx, fd);
      int rc = modbus_receive(ctx, query);
      if (rc > 0) {
        modbus_reply(ctx, query, rc, map);
      } else if (rc < 0 && tcp) {
        close(fd);
        FD_CLR(fd, &open);
      }
    }
  }
}
