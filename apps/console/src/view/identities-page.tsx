/** Who is registered, who waits for a person, which keys are out, and who was refused. */
import { type ReactNode, useEffect, useState } from "react";
import { type RegistryPage, watchRegistry } from "../api/registry.ts";
import type { IdentityView, KeyView, RefusalView } from "../api/wire.ts";
import { words } from "../words/index.ts";

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;

export function IdentitiesPage({ now }: { readonly now: number }): ReactNode {
  const [page, setPage] = useState<RegistryPage>();
  const [old, setOld] = useState(false);
  useEffect(
    () =>
      watchRegistry(
        (fresh) => {
          setPage(fresh);
          setOld(false);
        },
        () => setOld(true),
      ),
    [],
  );
  if (page === undefined)
    return <p className="p-5 text-quiet">{old ? words.identities.old : words.identities.loading}</p>;
  const { identities, keys, refusals } = page;
  return (
    <main className="min-h-0 min-w-0 flex-1 overflow-y-auto px-5 pb-6">
      {old && <p className="mt-4 rounded-md bg-warn-soft px-3 py-2 text-warn">{words.identities.old}</p>}
      <Part title={words.identities.title} shown={identities.identities.length} total={identities.total}>
        <Table columns={words.identities.columns} none={words.identities.none}>
          {waitingFirst(identities.identities).map((one) => (
            <IdentityRow key={one.id} identity={one} now={now} />
          ))}
        </Table>
      </Part>
      <Part title={words.keys.title} shown={keys.keys.length} total={keys.total}>
        <Table columns={words.keys.columns} none={words.keys.none}>
          {keys.keys.toReversed().map((one) => (
            <KeyRow key={one.id} item={one} />
          ))}
        </Table>
      </Part>
      <Part title={words.refusals.title} shown={refusals.refusals.length} total={refusals.refusals.length}>
        <Table columns={words.refusals.columns} none={words.refusals.none}>
          {refusals.refusals.map((one) => (
            <RefusalRow key={one.edge} refusal={one} />
          ))}
        </Table>
      </Part>
    </main>
  );
}

/** Who waits for a person is what a person looks for. */
function waitingFirst(identities: readonly IdentityView[]): readonly IdentityView[] {
  const waits = ({ state }: IdentityView): number => (state === "pending" ? 0 : 1);
  return identities.toSorted((one, other) => waits(one) - waits(other));
}

interface PartProps {
  readonly title: string;
  readonly shown: number;
  readonly total: number;
  readonly children: ReactNode;
}

function Part({ title, shown, total, children }: PartProps): ReactNode {
  return (
    <section className="mt-5">
      <h2 className="pb-1.5 font-semibold">
        {title}{" "}
        <span className="font-normal text-quiet">
          {shown < total ? words.identities.shown(shown, total) : String(total)}
        </span>
      </h2>
      {children}
    </section>
  );
}

interface TableProps {
  readonly columns: readonly string[];
  readonly none: string;
  readonly children: readonly ReactNode[];
}

function Table({ columns, none, children }: TableProps): ReactNode {
  if (children.length === 0) return <p className="text-quiet">{none}</p>;
  return (
    <table className="w-full table-fixed border-collapse rounded-lg bg-panel text-left">
      <thead>
        <tr className="border-b border-line text-[12px] text-quiet">
          {columns.map((name) => (
            <th key={name} scope="col" className="px-3 py-1.5 font-normal">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

const row = "border-b border-line/60 align-top";

function Cell({ children, className = "" }: { readonly children: ReactNode; readonly className?: string }): ReactNode {
  return <td className={`px-3 py-1.5 break-words ${className}`}>{children}</td>;
}

const stateColours: Readonly<Partial<Record<IdentityView["state"], string>>> = {
  active: "text-good",
  pending: "text-warn",
  suspended: "text-bad",
  revoked: "text-bad",
};

function IdentityRow({ identity, now }: { readonly identity: IdentityView; readonly now: number }): ReactNode {
  const { id, kind, role, state, serial, expires } = identity;
  const days = expires === null ? undefined : Math.floor((Date.parse(expires) - now) / DAY_MS);
  const soon = days !== undefined && days < SOON_DAYS && state === "active";
  return (
    <tr className={row} data-identity={id}>
      <Cell className="font-medium">{id}</Cell>
      <Cell>{words.kinds[kind]}</Cell>
      <Cell className={role === null ? "text-quiet" : ""}>{role ?? words.traffic.noRole}</Cell>
      <Cell>
        <span className={`font-medium ${stateColours[state] ?? ""}`}>{words.identityStates[state]}</span>
        {state === "pending" && <code className="block font-mono text-[11.5px]">{words.identities.approve(id)}</code>}
      </Cell>
      <Cell>{serial ?? "–"}</Cell>
      <Cell className={soon ? "font-medium text-warn" : ""}>
        {expires === null ? "–" : expires.slice(0, 10)}
        {soon && <span className="block text-[12px]">{words.identities.left(days)}</span>}
      </Cell>
    </tr>
  );
}

function KeyRow({ item }: { readonly item: KeyView }): ReactNode {
  const { id, kind, roles, state, uses, used, approval, expires, expiresInDays, name } = item;
  return (
    <tr className={row} data-key={id}>
      <Cell className="font-mono text-[12px]">{id}</Cell>
      <Cell>
        {words.kinds[kind]}
        {name !== null && <span className="block text-[12px] text-quiet">{words.keys.for(name)}</span>}
      </Cell>
      <Cell className={roles.length === 0 ? "text-quiet" : ""}>{roles.join(", ") || words.traffic.noRole}</Cell>
      <Cell className={state === "open" ? "font-medium text-good" : ""}>
        {state}
        {approval !== "auto" && <span className="block text-[12px] text-quiet">{words.keys.approval(approval)}</span>}
      </Cell>
      <Cell>{words.keys.used(used, uses)}</Cell>
      <Cell className={expiresInDays === null ? "" : "font-medium text-warn"}>
        {expires.slice(0, 10)}
        {expiresInDays !== null && <span className="block text-[12px]">{words.identities.left(expiresInDays)}</span>}
      </Cell>
    </tr>
  );
}

function RefusalRow({ refusal }: { readonly refusal: RefusalView }): ReactNode {
  const { time, reason, correlation, key, name, source } = refusal;
  return (
    <tr className={row} data-refusal={correlation}>
      <Cell>
        <time dateTime={time}>{time.slice(0, 19).replace("T", " ")}</time>
      </Cell>
      <Cell className="font-medium text-bad">{reason}</Cell>
      <Cell className="font-mono text-[12px]">{correlation ?? "–"}</Cell>
      <Cell className="font-mono text-[12px]">{key ?? "–"}</Cell>
      <Cell>{name ?? "–"}</Cell>
      <Cell>{source ?? "–"}</Cell>
    </tr>
  );
}
