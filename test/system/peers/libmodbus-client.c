/*
 * A client made of libmodbus that is told what to ask: one line in, one line out (drive.ts has the language).
 *
 *   libmodbus-client tcp 127.0.0.1 PORT UNIT
 *   libmodbus-client rtu /dev/pts/N UNIT
 */
#include <errno.h>
#include <modbus.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 2048

static long words[WORDS];
static int count;

static void read_line(char *line) {
  count = 0;
  for (char *word = strtok(line, " \n"); word != NULL && count < WORDS; word = strtok(NULL, " \n")) {
    words[count++] = strtol(word, NULL, 0);
  }
}

static void print_result(int rc) {
  if (rc >= 0) {
    printf("=");
  } else if (errno > MODBUS_ENOBASE && errno <= EMBXGTAR) {
    printf("! %d", errno - MODBUS_ENOBASE);
  } else {
    printf("? %s", modbus_strerror(errno));
  }
}

static void ask(modbus_t *ctx) {
  static uint8_t bits[WORDS];
  static uint16_t registers[WORDS];
  static uint8_t bytes[MODBUS_TCP_MAX_ADU_LENGTH];
  int address = words[1];
  int quantity = words[2];
  int rc = -1;
  int given = count - 2;
  errno = EINVAL;

  for (int i = 0; i < given; i++) {
    bits[i] = words[i + 2] != 0;
    registers[i] = (uint16_t)words[i + 2];
  }
  switch (words[0]) {
  case 1:
  case 2:
    rc = words[0] == 1 ? modbus_read_bits(ctx, address, quantity, bits)
                       : modbus_read_input_bits(ctx, address, quantity, bits);
    print_result(rc);
    for (int i = 0; i < rc; i++) printf(" %d", bits[i]);
    return;
  case 3:
  case 4:
    rc = words[0] == 3 ? modbus_read_registers(ctx, address, quantity, registers)
                       : modbus_read_input_registers(ctx, address, quantity, registers);
    print_result(rc);
    for (int i = 0; i < rc; i++) printf(" %d", registers[i]);
    return;
  case 5:
    print_result(modbus_write_bit(ctx, address, words[2]));
    return;
  case 6:
    print_result(modbus_write_register(ctx, address, words[2]));
    return;
  case 15:
    print_result(modbus_write_bits(ctx, address, given, bits));
    return;
  case 16:
    print_result(modbus_write_registers(ctx, address, given, registers));
    return;
  case 17:
    rc = modbus_report_slave_id(ctx, sizeof bytes, bytes);
    print_result(rc);
    for (int i = 0; i < rc; i++) printf(" %d", bytes[i]);
    return;
  case 22:
    print_result(modbus_mask_write_register(ctx, address, words[2], words[3]));
    return;
  case 23:
    rc = modbus_write_and_read_registers(ctx, words[3], count - 4, registers + 2, address, quantity, registers);
    print_result(rc);
    for (int i = 0; i < rc; i++) printf(" %d", registers[i]);
    return;
  case 0: /* a PDU as it is; libmodbus takes the unit in front of it */
    bytes[0] = modbus_get_slave(ctx);
    for (int i = 1; i < count; i++) bytes[i] = words[i];
    rc = modbus_send_raw_request(ctx, bytes, count);
    if (rc >= 0) rc = modbus_receive_confirmation(ctx, bytes);
    print_result(rc);
    {
      int header = modbus_get_header_length(ctx);
      int check = header == 1 ? 2 : 0;
      for (int i = header; i < rc - check; i++) printf(" %d", bytes[i]);
    }
    return;
  default:
    printf("? unknown command");
  }
}

int main(int argc, char **argv) {
  static char line[16384];
  int tcp = argc > 4 && strcmp(argv[1], "tcp") == 0;
  modbus_t *ctx = tcp ? modbus_new_tcp(argv[2], atoi(argv[3])) : modbus_new_rtu(argv[2], 19200, 'E', 8, 1);
  if (ctx == NULL || modbus_set_slave(ctx, atoi(argv[tcp ? 4 : 3])) != 0) return 1;
  modbus_set_response_timeout(ctx, 2, 0);
  if (modbus_connect(ctx) != 0) {
    fprintf(stderr, "connect: %s\n", modbus_strerror(errno));
    return 1;
  }
  printf("ready\n");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    read_line(line);
    ask(ctx);
    printf("\n");
    fflush(stdout);
  }
  modbus_close(ctx);
  modbus_free(ctx);
  return 0;
}
