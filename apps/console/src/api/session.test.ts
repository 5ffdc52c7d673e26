import { expect, test } from "vitest";
import { openSession, tokenIn } from "./session.ts";

function door(hash: string, answer: number | Error) {
  const asked: { path: string; method: string; body: unknown }[] = [];
  let forgotten = 0;
  return {
    asked,
    forgotten: () => forgotten,
    open: () =>
      openSession({
        hash,
        forget: () => {
          forgotten += 1;
        },
        fetch: async (path, init) => {
          asked.push({ path, method: init?.method ?? "GET", body: init?.body });
          if (answer instanceof Error) throw answer;
          return { status: answer };
        },
      }),
  };
}

test("the token is exchanged, and taken out of the address bar whatever comes of it", async () => {
  for (const [answer, state] of [
    [204, "open"],
    [401, "wrongToken"],
    [500, "unreachable"],
    [new TypeError(), "unreachable"],
  ] as const) {
    const tried = door("#token=abc", answer);
    expect(await tried.open()).toBe(state);
    expect(tried.forgotten()).toBe(1);
    expect(tried.asked).toEqual([{ path: "/api/v1/session", method: "POST", body: '{"token":"abc"}' }]);
  }
});

test("without a token the browser may have a session", async () => {
  for (const [answer, state] of [
    [200, "open"],
    [401, "needToken"],
    [new TypeError(), "unreachable"],
  ] as const) {
    const tried = door("", answer);
    expect(await tried.open()).toBe(state);
    expect(tried.asked).toEqual([{ path: "/api/v1/status", method: "GET", body: undefined }]);
  }
});

test.each([
  ["", undefined],
  ["#", undefined],
  ["#token=", undefined],
  ["#other=1", undefined],
  ["#token=a-b_c", "a-b_c"],
])("%j holds %s", (hash, token) => {
  expect(tokenIn(hash)).toBe(token);
});
