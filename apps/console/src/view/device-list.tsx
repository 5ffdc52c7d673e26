/** The devices of the site: one button each, with its state in shape, colour and word. */
import type { ReactNode } from "react";
import { ageText } from "../model/format.ts";
import type { KnownDevice } from "../model/live.ts";
import { words } from "../words/index.ts";
import { DeviceSign } from "./icons.tsx";

interface Props {
  readonly devices: readonly KnownDevice[];
  readonly chosen: string | undefined;
  readonly now: number;
  readonly onChoose: (id: string) => void;
}

export function DeviceList({ devices, chosen, now, onChoose }: Props): ReactNode {
  return (
    <nav aria-labelledby="devices-title" className="min-h-0 flex-1 overflow-y-auto px-2.5 pt-3 pb-2">
      <h2 id="devices-title" className="px-1.5 pb-1.5 font-semibold">
        {words.devices.title}
      </h2>
      {devices.length === 0 && <p className="px-1.5 text-quiet">{words.devices.none}</p>}
      <ul className="flex flex-col gap-1">
        {devices.map((device) => (
          <li key={device.view.id}>
            <DeviceCard device={device} chosen={device.view.id === chosen} now={now} onChoose={onChoose} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface CardProps {
  readonly device: KnownDevice;
  readonly chosen: boolean;
  readonly now: number;
  readonly onChoose: (id: string) => void;
}

function DeviceCard({ device: { view, receivedAt }, chosen, now, onChoose }: CardProps): ReactNode {
  const age = view.lastAnswerAgeMs === null ? null : view.lastAnswerAgeMs + Math.max(0, now - receivedAt);
  const looks = chosen ? "border-accent bg-panel shadow-sm" : "border-transparent hover:bg-panel";
  return (
    <button
      type="button"
      aria-current={chosen}
      onClick={() => onChoose(view.id)}
      className={`w-full rounded-lg border px-2.5 py-2 text-left ${looks}`}
    >
      <span className="flex items-baseline gap-2">
        <DeviceSign state={view.state} />
        <span className="sr-only">{view.state === "up" ? words.deviceStates.up : ""}</span>
        <span className="truncate font-semibold">{view.id}</span>
        <span className="ml-auto text-[12px] whitespace-nowrap text-quiet">{words.devices.unit(view.unit)}</span>
      </span>
      <span className="block truncate pl-[21px] text-[12px] text-quiet" title={view.address}>
        {view.vendor} {view.model}
      </span>
      <span className="block truncate pl-[21px] text-[12px] text-quiet">
        {view.state !== "up" && (
          <>
            <span className={stateColour[view.state]}>{words.deviceStates[view.state]}</span>
            {" · "}
          </>
        )}
        {age === null ? words.devices.neverAnswered : words.devices.lastAnswer(ageText(age))}
      </span>
    </button>
  );
}

const stateColour = { idle: "", silent: "font-medium text-warn", unreachable: "font-medium text-bad" } as const;
