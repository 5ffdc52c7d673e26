/** Who we are looking at, under which policy, with what evidence, and whether what is shown is live. */
import type { ReactNode } from "react";
import type { SiteStatus } from "../api/wire.ts";
import { ageText, countText } from "../model/format.ts";
import type { Shown } from "../model/live-store.ts";
import { words } from "../words/index.ts";
import { Mark, PauseSign, PlaySign, WarningSign } from "./icons.tsx";

/** The server says something every 5 s; after this long it is not heard any more. */
const SILENT_MS = 12_000;

interface Props {
  readonly status: SiteStatus | undefined;
  readonly shown: Shown;
  readonly now: number;
  readonly onPause: () => void;
  readonly page: Page;
  readonly onPage: (page: Page) => void;
}

export type Page = "line" | "identities";
const pages: readonly Page[] = ["line", "identities"];

export function TopBar({ status, shown, now, onPause, page, onPage }: Props): ReactNode {
  return (
    <header className="flex h-13 shrink-0 items-center gap-5 bg-bar px-4 text-bar-ink">
      <div className="flex items-center gap-2.5">
        <Mark />
        <h1 className="text-[15px] font-semibold tracking-tight">{words.product}</h1>
      </div>
      <nav aria-label={words.pages.label} className="flex gap-1">
        {pages.map((name) => (
          <button
            key={name}
            type="button"
            aria-current={name === page ? "page" : undefined}
            onClick={() => onPage(name)}
            className={`rounded-md px-2.5 py-1 focus-visible:outline-bar-accent ${name === page ? "bg-bar-line text-bar-ink" : "text-bar-quiet hover:text-bar-ink"}`}
          >
            {words.pages[name]}
          </button>
        ))}
      </nav>
      {status !== undefined && <Facts status={status} />}
      <div className="ml-auto flex items-center gap-3">
        <ConnectionState shown={shown} now={now} />
        <button
          type="button"
          onClick={onPause}
          aria-pressed={shown.paused !== undefined}
          className="flex items-center gap-1.5 rounded-md border border-bar-line px-2.5 py-1 text-bar-ink hover:border-bar-quiet focus-visible:outline-bar-accent"
        >
          {shown.paused === undefined ? <PauseSign /> : <PlaySign />}
          {shown.paused === undefined ? words.bar.pause : words.bar.resume}
        </button>
      </div>
    </header>
  );
}

function Facts({ status }: { readonly status: SiteStatus }): ReactNode {
  const { policy, audit } = status;
  const pending = audit.records - audit.checkpointed;
  const trouble = auditTrouble(audit);
  return (
    <dl className="flex min-w-0 items-stretch gap-5">
      <Fact name={words.bar.site}>{status.site}</Fact>
      <Fact name={words.bar.gateway}>{status.gateway}</Fact>
      <Fact name={words.bar.policy} warn={policy.mode === "shadow"}>
        {policy.mode === "shadow" ? words.bar.shadow : words.bar.enforce}{" "}
        <code className="font-mono text-[11.5px] text-bar-quiet" title={words.bar.policyHash(policy.hash)}>
          {policy.hash.slice(0, 8)}
        </code>
      </Fact>
      <Fact name={words.bar.audit} bad={trouble.bad} warn={trouble.text !== undefined}>
        {trouble.text ?? (
          <>
            {words.bar.auditRecords(countText(audit.records))}{" "}
            <span className="text-[11.5px] text-bar-quiet">
              {pending > 0 ? words.bar.auditPending(countText(pending)) : words.bar.auditSealed}
            </span>
          </>
        )}
      </Fact>
    </dl>
  );
}

/** What is wrong with the evidence, the worst first. */
function auditTrouble({ failed, witnesses }: SiteStatus["audit"]): { readonly bad: boolean; readonly text?: string } {
  if (failed) return { bad: true, text: words.bar.auditFailed };
  if (witnesses.some(({ state }) => state === "differs")) return { bad: true, text: words.bar.auditDiffers };
  return witnesses.some(({ state }) => state === "lost") ? { bad: false, text: words.bar.auditLost } : { bad: false };
}

interface FactProps {
  readonly name: string;
  readonly children: ReactNode;
  readonly warn?: boolean;
  readonly bad?: boolean;
}

function Fact({ name, children, warn = false, bad = false }: FactProps): ReactNode {
  const colour = bad ? "text-bar-bad" : warn ? "text-bar-warn" : "";
  return (
    <div className="border-l border-bar-line pl-5 leading-tight">
      <dt className="text-[11px] text-bar-quiet">{name}</dt>
      <dd className={`truncate font-medium ${colour}`}>
        {(warn || bad) && (
          <>
            <WarningSign />{" "}
          </>
        )}
        {children}
      </dd>
    </div>
  );
}

function ConnectionState({ shown, now }: { readonly shown: Shown; readonly now: number }): ReactNode {
  const silentFor = shown.heardAt === undefined ? 0 : now - shown.heardAt;
  const [text, colour, dot] = describe(shown, silentFor);
  return (
    <output className={`flex items-center gap-2 whitespace-nowrap ${colour}`}>
      <span className={`size-2 rounded-full ${dot}`} aria-hidden="true" />
      {text}
    </output>
  );
}

function describe(shown: Shown, silentFor: number): readonly [string, string, string] {
  if (shown.connection === "connecting")
    return [words.connection.connecting, "text-bar-quiet", "border border-current"];
  if (shown.connection !== "open") return [words.connection.lost, "text-bar-bad", "border-2 border-current"];
  if (silentFor > SILENT_MS) {
    return [words.connection.silent(ageText(silentFor)), "text-bar-warn", "border-2 border-current"];
  }
  if (shown.paused !== undefined) return [words.connection.paused, "text-bar-warn", "border-2 border-current"];
  return [words.connection.open, "text-bar-accent", "bg-current breathing"];
}
