import { expect, test } from "vitest";
import { isLoopbackAddress, parseConsoleListen } from "./loopback.ts";

test.each([
  ["http://127.0.0.1:8080", "127.0.0.1", 8080],
  ["http://127.0.0.1:0/", "127.0.0.1", 0],
  ["http://127.9.8.7:81", "127.9.8.7", 81],
  ["http://127.1:81", "127.0.0.1", 81],
  ["http://[::1]:8080", "::1", 8080],
  ["http://localhost:8080", "localhost", 8080],
  ["http://LOCALHOST", "localhost", 80],
])("%s is this machine", (listen, host, port) => {
  expect(parseConsoleListen(listen)).toEqual({ host, port });
});

test.each([
  "http://0.0.0.0:8080",
  "http://10.0.0.1:8080",
  "http://[::]:8080",
  "http://[::ffff:127.0.0.1]:8080",
  "http://128.0.0.1:8080",
  "http://localhost.example:8080",
  "http://127.0.0.1.example:8080",
  "http://example.com",
])("%s is refused: others could reach it", (listen) => {
  expect(() => parseConsoleListen(listen)).toThrow(expect.objectContaining({ code: "ERR_CONSOLE_NOT_LOOPBACK" }));
});

test.each([
  "",
  "127.0.0.1:8080",
  "https://127.0.0.1:8080",
  "http://127.0.0.1:99999",
  "http://127.0.0.1:8080/path",
  "http://127.0.0.1:8080/?a=1",
  "http://user@127.0.0.1:8080",
])("%j is no address", (listen) => {
  expect(() => parseConsoleListen(listen)).toThrow(expect.objectContaining({ code: "ERR_CONSOLE_BAD_ADDRESS" }));
});

test("a name is no loopback address", () => {
  expect(isLoopbackAddress("localhost")).toBe(false);
  expect(isLoopbackAddress("127.evil.example")).toBe(false);
});
