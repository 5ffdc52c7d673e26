import { expect, it } from "vitest";
import type { RuleText } from "../language/text.ts";
import { countsHere, type PolicyLocation } from "./location.ts";

const here: PolicyLocation = { site: "north", gateway: "gw1", zone: "hall-2" };
const { zone: _zone, ...zoneless } = here;
const rule = (when: RuleText["when"], side: "permit" | "forbid" = "permit"): RuleText => ({
  ...{ id: "a", [side]: { roles: "*" }, [side === "permit" ? "allow" : "deny"]: [] },
  ...(when === undefined ? {} : { when }),
});

it.each<readonly [when: RuleText["when"], at: PolicyLocation | undefined, permit: boolean, forbid: boolean]>([
  [undefined, undefined, true, true],
  [{ transports: ["tls"] }, undefined, true, true],
  [{ sites: ["north"] }, undefined, false, true],
  [{ gateways: ["gw1"] }, undefined, false, true],
  [{ zones: ["hall-2"] }, undefined, false, true],
  [{ sites: ["north"] }, here, true, true],
  [{ sites: ["south"] }, here, false, false],
  [{ gateways: ["gw1", "gw2"] }, here, true, true],
  [{ gateways: ["gw2"] }, here, false, false],
  [{ zones: ["hall-2"] }, here, true, true],
  [{ zones: ["hall-1"] }, here, false, false],
  [{ zones: ["hall-2"] }, zoneless, false, false],
  [{ sites: ["north"], gateways: ["gw1"], zones: ["hall-1"] }, here, false, false],
  [{ sites: ["north"], gateways: ["gw2"], zones: ["hall-2"] }, here, false, false],
  [{ sites: ["south"], gateways: ["gw1"], zones: ["hall-2"] }, here, false, false],
])("a rule for %j at %j: permit %s, forbid %s", (when, at, permit, forbid) => {
  expect([countsHere(rule(when), at), countsHere(rule(when, "forbid"), at)]).toEqual([permit, forbid]);
});
