/** The first page: devices at the left, the chosen one's points, and every transaction as it happens. */
import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { follow } from "../api/stream.ts";
import type { LiveTransaction } from "../api/wire.ts";
import { LiveStore, type Shown } from "../model/live-store.ts";
import { DeviceList } from "./device-list.tsx";
import { Drawer } from "./drawer.tsx";
import { IdentitiesPage } from "./identities-page.tsx";
import { ListenerList } from "./listener-list.tsx";
import { Notice } from "./notice.tsx";
import { PointsPane } from "./points-pane.tsx";
import { type Page, TopBar } from "./top-bar.tsx";
import { rowId } from "./traffic-list.tsx";
import { TrafficPane } from "./traffic-pane.tsx";
import { useNow } from "./use-now.ts";

function useShown(store: LiveStore): Shown {
  return useSyncExternalStore(store.subscribe, store.shown);
}

export function Console({ onEnded }: { readonly onEnded: () => void }): ReactNode {
  const [store] = useState(() => new LiveStore({ now: Date.now, later: (run, ms) => void setTimeout(run, ms) }));
  useEffect(() => follow(store), [store]);
  const shown = useShown(store);
  const ticking = useNow();
  const [chosen, setChosen] = useState<string>();
  const [page, setPage] = useState<Page>("line");
  const [opened, setOpened] = useState<LiveTransaction>();

  useEffect(() => {
    if (shown.connection === "ended") onEnded();
  }, [shown.connection, onEnded]);

  /** Back to the row it was opened from. */
  const close = (): void => {
    if (opened !== undefined) document.getElementById(rowId(opened.number))?.focus({ preventScroll: true });
    setOpened(undefined);
  };
  const { status, devices, transactions, dropped } = shown.live;
  useEffect(() => {
    document.title = status === undefined ? "modwarden" : `${status.site} · modwarden`;
  }, [status]);

  // A paused page shows a moment: its ages stand still with its values.
  const now = shown.paused?.at ?? ticking;
  const device = devices.find(({ view }) => view.id === chosen) ?? devices[0];
  return (
    <div className="flex h-full min-w-[1024px] flex-col">
      <TopBar
        status={status}
        shown={shown}
        now={ticking}
        page={page}
        onPage={setPage}
        onPause={() => (shown.paused === undefined ? store.pause() : store.resume())}
      />
      <Notice shown={shown} now={ticking} />
      {page === "identities" ? (
        <IdentitiesPage now={ticking} />
      ) : (
        <div className="flex min-h-0 flex-1">
          <aside className="flex w-62 shrink-0 flex-col border-r border-line bg-ground">
            <DeviceList devices={devices} chosen={device?.view.id} now={now} onChoose={setChosen} />
            <ListenerList listeners={status?.listeners ?? []} />
          </aside>
          <main className="@container flex min-w-0 flex-1 flex-col">
            <PointsPane device={device} now={now} />
            <TrafficPane
              transactions={transactions}
              dropped={dropped}
              devices={devices.map(({ view }) => view.id)}
              opened={opened?.number}
              onOpen={setOpened}
            />
          </main>
          {opened !== undefined && <Drawer key={opened.number} transaction={opened} onClose={close} />}
        </div>
      )}
    </div>
  );
}
