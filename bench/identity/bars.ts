/** The bars: what handshakes and enrolments have to reach, each as a median over the rounds. */
import { atLeast, atMost, type Bar } from "../shared/bar.ts";
import type { LoadResult } from "../shared/process.ts";
import type { Series } from "../shared/rounds.ts";
import { ratio } from "../shared/statistics.ts";
import { AT_ONCE, loadName, VERSIONS } from "./handshakes.ts";

const HANDSHAKES = 0.8;
const ENROLMENT = 4;

export interface Measured {
  readonly handshakes: readonly Series<LoadResult>[];
  readonly enrolments: readonly Series<LoadResult>[];
}

export function judge({ handshakes, enrolments }: Measured): Bar[] {
  const of = (all: readonly Series<LoadResult>[], name: string, load: string) =>
    all.find((one) => one.name === name && one.load === load)?.results ?? [];
  const bars: Bar[] = [];
  for (const name of ["gateway", "library"]) {
    for (const version of VERSIONS) {
      for (const atOnce of AT_ONCE) {
        const load = loadName(version, atOnce);
        const speed = (server: string) => of(handshakes, server, load).map((result) => result?.perSecond);
        const what = `handshakes per second, ${name} / openssl s_server, ${load}`;
        bars.push(atLeast(what, HANDSHAKES, ratio(speed(name), speed("openssl s_server"))));
      }
    }
  }
  for (const atOnce of AT_ONCE) {
    const load = loadName(13, atOnce);
    const enrolment = of(enrolments, "enrolment", load);
    const handshake = of(handshakes, "gateway", load);
    const time = (result: LoadResult | undefined) => (result === undefined ? undefined : 1 / result.perSecond);
    const cpu = (result: LoadResult | undefined) => result?.cpuUs;
    bars.push(
      atMost(
        `time of an enrolment / of a handshake, ${load}`,
        ENROLMENT,
        ratio(enrolment.map(time), handshake.map(time)),
      ),
      atMost(`CPU of an enrolment / of a handshake, ${load}`, ENROLMENT, ratio(enrolment.map(cpu), handshake.map(cpu))),
    );
  }
  return bars;
}
