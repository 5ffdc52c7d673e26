/*
 * A libmodbus server as its manual builds one: select, accept, modbus_receive, modbus_reply.
 *
 *   libmodbus-server        prints its port
 */
#include <arpa/inet.h>
#include <errno.h>
#include <modbus/modbus.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
  modbus_t *context = modbus_new_tcp("127.0.0.1", 0);
  modbus_mapping_t *mapping = modbus_mapping_new(0, 0, 65536 - 1, 0);
  if (context == NULL || mapping == NULL) return 1;
  for (int index = 0; index < 125; index++) mapping->tab_registers[index] = (uint16_t)(1000 + index);

  /* modbus_tcp_listen does not tell which port it took, so the socket is made here. */
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 511) != 0) return 1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);

  fd_set all;
  FD_ZERO(&all);
  FD_SET(listener, &all);
  int highest = listener;
  for (;;) {
    fd_set ready = all;
    if (select(highest + 1, &ready, NULL, NULL, NULL) < 0) return 1;
    for (int fd = 0; fd <= highest; fd++) {
      if (!FD_ISSET(fd, &ready)) continue;
      if (fd == listener) {
        int client = accept(listener, NULL, NULL), on = 1;
        if (client < 0) continue;
        if (client >= FD_SETSIZE) {
          close(client);
          continue;
        }
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        FD_SET(client, &all);
        if (client > highest) highest = client;
        continue;
      }
      uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
      modbus_set_socket(context, fd);
      int length = modbus_receive(context, query);
      if (length > 0) modbus_reply(context, query, length, mapping);
      else if (length < 0) {
        close(fd);
        FD_CLR(fd, &all);
      }
    }
  }
}
