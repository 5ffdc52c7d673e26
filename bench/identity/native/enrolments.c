/*
 * Whole enrolments: a new TLS connection, the request with the registration key and the signing request, the answer
 * with the certificate; then a second connection that shows the new certificate, and the confirmation. Keys and signing
 * requests were made before, because what a device spends on them is not the server's.
 *
 *   enrolments PORT AT_ONCE WARM COUNT ITEMS SERVER.pem SERVER_PID...
 *
 * ITEMS has one enrolment per line, WARM + COUNT + AT_ONCE of them: the JSON body, a tab, the private key (DER, hex).
 * The first WARM are not measured, and the last AT_ONCE keep the server as busy until the end as before.
 * Prints one line of JSON. Exit code 1: an enrolment was refused or the server went silent.
 */
#include "connection.h"

enum { MAX_AT_ONCE = 256, MAX_REQUEST = 20000, MAX_LINE = 20000, MAX_CHAIN = 8 };

struct item {
  char *body;
  EVP_PKEY *key;
};

struct place {
  struct connection connection;
  const struct item *item;
  int confirming;
  uint64_t began;
  char request[MAX_REQUEST];
};

static struct place places[MAX_AT_ONCE];
static SSL_CTX *context;
static int epoll, port;

static struct item *read_items(const char *path, int count) {
  FILE *file = fopen(path, "r");
  struct item *items = calloc((size_t)count, sizeof *items);
  static char line[MAX_LINE];
  if (file == NULL || items == NULL) fail("the enrolments cannot be read");
  for (int index = 0; index < count; index++) {
    errno = 0;
    if (fgets(line, sizeof line, file) == NULL) fail("there are too few enrolments");
    char *hex = strchr(line, '\t');
    if (hex == NULL) fail("an enrolment has no key");
    *hex++ = 0;
    hex[strcspn(hex, "\n")] = 0;
    long bytes = 0;
    uint8_t *der = OPENSSL_hexstr2buf(hex, &bytes);
    const uint8_t *at = der;
    items[index].key = d2i_AutoPrivateKey(NULL, &at, bytes);
    items[index].body = strdup(line);
    if (items[index].key == NULL || items[index].body == NULL) fail("an enrolment cannot be read");
    OPENSSL_free(der);
  }
  fclose(file);
  return items;
}

static void post(struct place *place, SSL *ssl, const char *path, const char *body) {
  int bytes = snprintf(place->request, sizeof place->request,
                       "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                       "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                       path, strlen(body), body);
  if (bytes < 0 || bytes >= (int)sizeof place->request) fail("a request is too long");
  place->connection.request = (const uint8_t *)place->request;
  place->connection.request_bytes = (size_t)bytes;
  place->connection.expected = 0;
  begin(&place->connection, ssl, epoll, port);
}

/* The body of an answer of status 200. */
static char *body_of(struct connection *connection) {
  char *text = (char *)connection->answer;
  text[connection->received < MAX_ANSWER ? connection->received : MAX_ANSWER - 1] = 0;
  char *body = strstr(text, "\r\n\r\n");
  if (strncmp(text, "HTTP/1.1 200", 12) != 0 || body == NULL) {
    fprintf(stderr, "%.600s\n", text);
    fail("an enrolment was refused");
  }
  return body + 4;
}

/* A JSON web signature carries what it signs in base64url. Decodes in place. */
static char *payload_of(char *body) {
  char *payload = strstr(body, "\"payload\":\"");
  if (payload == NULL) return body;
  payload += strlen("\"payload\":\"");
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  uint32_t bits = 0;
  int held = 0;
  char *to = payload;
  for (char *at = payload; *at != '"'; at++) {
    const char *digit = *at == 0 ? NULL : strchr(alphabet, *at);
    if (digit == NULL) fail("the answer is no base64url");
    bits = bits << 6 | (uint32_t)(digit - alphabet);
    if ((held += 6) >= 8) *to++ = (char)(bits >> (held -= 8));
  }
  *to = 0;
  return payload;
}

/* The certificates of "chain": one text, or a list of them. Line ends are escaped in JSON. */
static int chain_of(char *body, X509 **chain) {
  char *at = strstr(payload_of(body), "\"chain\":");
  if (at == NULL) fail("the answer has no chain");
  at += strlen("\"chain\":");
  char *end = *at == '[' ? strchr(at, ']') : strchr(at + 1, '"');
  if (end == NULL) fail("the answer is cut off");
  char *to = at;
  for (char *from = at; from < end; from++) {
    if (*from == '\\' && *++from == 'n') *to++ = '\n';
    else if (*from == '"') *to++ = '\n';
    else *to++ = *from;
  }
  int count = 0;
  BIO *text = BIO_new_mem_buf(at, (int)(to - at));
  while (count < MAX_CHAIN && (chain[count] = PEM_read_bio_X509(text, NULL, NULL, NULL)) != NULL) count++;
  ERR_clear_error();
  BIO_free(text);
  if (count == 0) fail("the answer has no certificate");
  return count;
}

static void enrol(struct place *place, const struct item *item) {
  place->item = item;
  place->confirming = 0;
  post(place, SSL_new(context), "/v1/enrol", item->body);
  place->began = place->connection.began;
}

static void confirm(struct place *place) {
  X509 *chain[MAX_CHAIN];
  int count = chain_of(body_of(&place->connection), chain);
  SSL *ssl = SSL_new(context);
  if (SSL_use_certificate(ssl, chain[0]) != 1 || SSL_use_PrivateKey(ssl, place->item->key) != 1) fail("the certificate is not for the key");
  for (int index = 1; index < count; index++) SSL_add1_chain_cert(ssl, chain[index]);
  for (int index = 0; index < count; index++) X509_free(chain[index]);
  place->confirming = 1;
  post(place, ssl, "/v1/confirm", "{}");
}

int main(int argc, char **argv) {
  if (argc < 8 || argc - 7 > MAX_PIDS) {
    fprintf(stderr, "usage: enrolments PORT AT_ONCE WARM COUNT ITEMS SERVER.pem SERVER_PID...\n");
    return 2;
  }
  port = atoi(argv[1]);
  int at_once = atoi(argv[2]), warm = atoi(argv[3]), measured = atoi(argv[4]);
  if (at_once < 1 || at_once > MAX_AT_ONCE || warm < 0 || measured < 1) return 2;
  pid_t pids[MAX_PIDS];
  int processes = argc - 7, total = warm + measured + at_once, next = 0, done = 0;
  for (int index = 0; index < processes; index++) pids[index] = atoi(argv[7 + index]);
  struct item *items = read_items(argv[5], total);
  context = client_context(13, argv[6]);
  epoll = epoll_create1(0);
  for (int index = 0; index < at_once; index++) enrol(&places[index], &items[next++]);
  struct window window = open_window(processes, pids);
  while (done < total) {
    struct epoll_event events[MAX_AT_ONCE];
    int count = epoll_wait(epoll, events, MAX_AT_ONCE, SILENCE_MS);
    if (count <= 0) fail("the server went silent");
    for (int index = 0; index < count; index++) {
      struct place *place = (struct place *)events[index].data.ptr;
      enum step step = advance(&place->connection, events[index].events);
      if (step == ANSWERED) {
        if (place->confirming) {
          if (strstr(body_of(&place->connection), "\"active\"") == NULL) fail("an enrolment was not confirmed");
          place->connection.began = place->began;
          count_answer(&place->connection);
          if (++done == warm) window = open_window(processes, pids);
          if (done == warm + measured) print_window(&window, processes, pids);
        }
        step = advance(&place->connection, 0);
      }
      if (step != CLOSED) continue;
      if (!place->confirming) confirm(place);
      else if (next < total) enrol(place, &items[next++]);
    }
  }
  return 0;
}
