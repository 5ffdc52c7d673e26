/** Everything about one transaction: the decision and its reasons first, then the request, then the record itself. */
import { type ReactNode, useEffect, useState } from "react";
import type { LiveTransaction } from "../api/wire.ts";
import { countText, latencyText } from "../model/format.ts";
import { exceptionText, verdictKind, verdictOf } from "../model/verdict.ts";
import { words } from "../words/index.ts";
import { AccessList } from "./access-list.tsx";
import { ExplanationList } from "./explanation-list.tsx";
import { type Fact, Facts } from "./facts.tsx";
import { CloseSign, VerdictSign, verdictColours } from "./icons.tsx";

interface Props {
  readonly transaction: LiveTransaction;
  readonly onClose: () => void;
}

export function Drawer({ transaction, onClose }: Props): ReactNode {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") onClose();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [onClose]);
  const verdict = verdictOf(transaction);
  return (
    <aside
      aria-labelledby="drawer-title"
      className="flex w-[400px] shrink-0 flex-col border-l border-line bg-panel shadow-xl"
    >
      <div className="flex items-center gap-2 border-b border-line px-4 py-2.5">
        <h2 id="drawer-title" className="font-semibold">
          {words.drawer.title(countText(transaction.number))}
        </h2>
        <button
          type="button"
          onClick={onClose}
          aria-label={words.drawer.close}
          className="ml-auto rounded-md px-2 py-1 text-quiet hover:bg-raised hover:text-ink"
        >
          <CloseSign />
        </button>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-6">
        <p className={`pt-4 text-[17px] font-semibold tracking-tight ${verdictColours[verdict.kind]}`}>
          <VerdictSign kind={verdict.kind} /> {verdict.title}
        </p>
        {verdict.reason !== "" && <p className="mt-0.5 text-[14px]">{verdict.reason}</p>}
        {verdictKind(transaction) === "shadow" && <p className="mt-1 text-quiet">{words.drawer.inShadow}</p>}
        <Part title={words.drawer.explanation}>
          <ExplanationList decision={transaction.decision} />
        </Part>
        <Part title={words.drawer.objects}>
          <AccessList transaction={transaction} />
        </Part>
        <Part title={words.drawer.outcome}>
          <Facts facts={outcomeFacts(transaction)} />
        </Part>
        <Findings transaction={transaction} />
        <Part title={words.drawer.who}>
          <Facts facts={whoFacts(transaction)} />
        </Part>
        <Part title={words.drawer.where}>
          <Facts facts={whereFacts(transaction)} />
        </Part>
        <Part title={words.drawer.how}>
          <Facts facts={howFacts(transaction)} />
        </Part>
        <Part title={words.drawer.raw}>
          <Raw transaction={transaction} />
        </Part>
      </div>
    </aside>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section className="mt-4 border-t border-line pt-2.5">
      <h3 className="pb-1 font-semibold">{title}</h3>
      {children}
    </section>
  );
}

function Findings({ transaction: { findings } }: { readonly transaction: LiveTransaction }): ReactNode {
  if (findings.length === 0) return null;
  return (
    <Part title={words.drawer.findings}>
      <ul className="flex flex-col gap-1">
        {findings.map(({ rule, severity, evidence }) => (
          <li key={`${rule} ${evidence}`}>
            <span className="font-medium">{rule}</span> <span className="text-quiet">{severity}</span>
            <span className="block text-[12.5px]">{evidence}</span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Raw({ transaction }: { readonly transaction: LiveTransaction }): ReactNode {
  const [copied, setCopied] = useState<"copy" | "copied" | "notCopied">("copy");
  const text = JSON.stringify(transaction, null, 2);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied("copied");
  };
  return (
    <>
      <pre className="overflow-x-auto rounded-md border border-line bg-ground px-3 py-2 font-mono text-[11.5px] leading-snug">
        {text}
      </pre>
      <button
        type="button"
        onClick={() => void copy().catch(() => setCopied("notCopied"))}
        className="mt-2 rounded-md border border-line px-2.5 py-1 text-[12.5px] hover:bg-raised"
      >
        {words.drawer[copied]}
      </button>
    </>
  );
}

function outcomeFacts({ outcome }: LiveTransaction): readonly Fact[] {
  const from = outcome.from === "device" ? words.drawer.fromDevice : words.drawer.fromGateway;
  const answer = outcome.exception === undefined ? undefined : `${exceptionText(outcome.exception)}, ${from}`;
  const result = outcome.result === undefined ? undefined : words.drawer[outcome.result];
  return [
    { name: words.drawer.answer, value: answer ?? result ?? words.drawer.ordinary },
    ...(answer !== undefined && result !== undefined ? [{ name: "", value: result }] : []),
    ...(outcome.values === undefined
      ? []
      : [{ name: words.drawer.returned, value: outcome.values.join(" "), mono: true }]),
    { name: words.drawer.latency, value: latencyText(outcome.latencyUs) },
  ];
}

function whoFacts({ subject }: LiveTransaction): readonly Fact[] {
  return [
    { name: words.drawer.subject, value: subject.id ?? words.traffic.nobody },
    { name: words.drawer.role, value: subject.role ?? words.traffic.noRole },
    ...(subject.cert === undefined ? [] : [{ name: words.drawer.certificate, value: subject.cert, mono: true }]),
  ];
}

function whereFacts({ location }: LiveTransaction): readonly Fact[] {
  return [
    { name: words.drawer.source, value: location.source, mono: true },
    { name: words.drawer.gateway, value: `${location.gateway} (${location.site})` },
    ...(location.zone === undefined ? [] : [{ name: words.drawer.zone, value: location.zone }]),
  ];
}

function howFacts({ method, operation, t }: LiveTransaction): readonly Fact[] {
  const code =
    operation.subfunction === undefined ? operation.function : `${operation.function}/${operation.subfunction}`;
  return [
    { name: words.drawer.operation, value: `${code} ${operation.name}` },
    { name: words.drawer.transport, value: method.transport.toUpperCase() },
    { name: words.drawer.transaction, value: String(method.transaction) },
    { name: words.drawer.time, value: t },
  ];
}
