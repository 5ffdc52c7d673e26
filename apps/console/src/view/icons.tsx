/** Signs whose shape says what their colour says. All are decoration: the words stand beside them. */
import type { ReactNode } from "react";
import type { DeviceState } from "../api/wire.ts";
import type { VerdictKind } from "../model/verdict.ts";

function Sign({ children, className = "" }: { readonly children: ReactNode; readonly className?: string }): ReactNode {
  return (
    <svg
      viewBox="0 0 16 16"
      className={`inline-block size-[1em] shrink-0 align-[-0.13em] ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

const deviceShapes: Readonly<Record<DeviceState, ReactNode>> = {
  up: <circle cx="8" cy="8" r="5" fill="currentColor" />,
  idle: <circle cx="8" cy="8" r="4.6" />,
  silent: (
    <>
      <circle cx="8" cy="8" r="4.8" />
      <path d="M8 3.2a4.8 4.8 0 0 1 0 9.6z" fill="currentColor" />
    </>
  ),
  unreachable: <path d="M4 4l8 8M12 4l-8 8" strokeWidth="2.4" />,
};

const deviceColours: Readonly<Record<DeviceState, string>> = {
  up: "text-good",
  idle: "text-quiet",
  silent: "text-warn",
  unreachable: "text-bad",
};

export function DeviceSign({ state }: { readonly state: DeviceState }): ReactNode {
  return <Sign className={deviceColours[state]}>{deviceShapes[state]}</Sign>;
}

const verdictShapes: Readonly<Record<VerdictKind, ReactNode>> = {
  permitted: <path d="M3 8.5l3.4 3.4L13 4.6" />,
  refused: <path d="M4 4l8 8M12 4l-8 8" strokeWidth="2.2" />,
  closed: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M4 12l8-8" />
    </>
  ),
  shadow: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
    </>
  ),
  failed: <path d="M8 2.5l6.3 11H1.7zM8 6.8v3M8 11.9v.1" />,
  unknown: <path d="M5.4 5.8a2.7 2.7 0 1 1 3.8 2.5c-.8.4-1.2.9-1.2 1.8M8 13v.1" />,
};

export const verdictColours: Readonly<Record<VerdictKind, string>> = {
  permitted: "text-good",
  refused: "text-bad",
  closed: "text-bad",
  shadow: "text-warn",
  failed: "text-warn",
  unknown: "text-warn",
};

export function VerdictSign({ kind }: { readonly kind: VerdictKind }): ReactNode {
  return <Sign className={verdictColours[kind]}>{verdictShapes[kind]}</Sign>;
}

/** The mark: two posts, and a line that is let through between them. */
export function Mark(): ReactNode {
  return (
    <svg viewBox="0 0 32 32" className="size-6 shrink-0" aria-hidden="true">
      <path d="M9 6v20M23 6v20" className="stroke-bar-accent" strokeWidth="3" strokeLinecap="round" />
      <path d="M2 16h8M22 16h8" className="stroke-bar-ink" strokeWidth="3" strokeLinecap="round" />
      <circle cx="16" cy="16" r="3.4" className="fill-bar-ink" />
    </svg>
  );
}

export function PauseSign(): ReactNode {
  return (
    <Sign>
      <path d="M5.5 3.5v9M10.5 3.5v9" strokeWidth="2.4" />
    </Sign>
  );
}

export function PlaySign(): ReactNode {
  return (
    <Sign>
      <path d="M5 3.2v9.6L13 8z" fill="currentColor" />
    </Sign>
  );
}

export function WarningSign(): ReactNode {
  return <Sign>{verdictShapes.failed}</Sign>;
}

export function CloseSign(): ReactNode {
  return <Sign>{verdictShapes.refused}</Sign>;
}

export function PenSign(): ReactNode {
  return (
    <Sign>
      <path d="M10.6 2.8l2.6 2.6-7.4 7.4-3.3.7.7-3.3z" />
    </Sign>
  );
}
