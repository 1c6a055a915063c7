// The states that every screen has: nothing there, on its way, refused, not for you.
import { useEffect, useRef, useSyncExternalStore, type ReactNode } from "react";
import { formatNumber } from "../language/format.ts";
import { textIfAny, useText, type Key } from "../language/language.ts";
import type { Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { currentPhase, subscribe } from "../session/session.ts";
import { Button } from "./Button.tsx";
import { Icon } from "./icons.tsx";

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="state">
      <h2>{title}</h2>
      {children ? <p>{children}</p> : null}
      {action}
    </div>
  );
}

const TITLES: Record<Trouble["kind"], Key> = {
  offline: "trouble.offline",
  forbidden: "trouble.forbidden",
  ended: "trouble.ended",
  busy: "trouble.busy",
  limited: "trouble.limited",
  recent: "trouble.recent",
  refused: "trouble.refused",
};
const ADVICE: Record<Trouble["kind"], Key> = {
  offline: "trouble.offlineAdvice",
  forbidden: "trouble.forbiddenAdvice",
  ended: "trouble.endedAdvice",
  busy: "trouble.busyAdvice",
  limited: "trouble.limitedAdvice",
  recent: "trouble.recentAdvice",
  refused: "trouble.refusedAdvice",
};

/** What went wrong in the language of the page, if there are words for it. */
export const sayRefusal = ({ code, message }: Refusal) => textIfAny(`error.${code}`) ?? message;

/** What went wrong, what to do about it, and the id by which the log knows it. */
export function Failure({ trouble, onRetry }: { trouble: Trouble; onRetry?: () => void }) {
  const t = useText();
  const isIn = useSyncExternalStore(subscribe, () => currentPhase() === "in");
  const wasIn = useRef(isIn);
  // What failed because the session was over is tried again once there is another.
  useEffect(() => {
    if (isIn && !wasIn.current && trouble.kind === "ended") onRetry?.();
    wasIn.current = isIn;
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once a sign-in
  }, [isIn]);
  return (
    <div className="state state-bad" role="alert">
      <Icon name="warn" />
      <h2>{t(TITLES[trouble.kind])}</h2>
      <p>{t(ADVICE[trouble.kind])}</p>
      {trouble.kind === "refused" && trouble.message ? <p>{sayRefusal(trouble)}</p> : null}
      {trouble.retryAfter === null ? null : <p>{t("trouble.retryAfter", { count: trouble.retryAfter })}</p>}
      {onRetry && trouble.kind !== "forbidden" ? <Button onPress={onRetry}>{t("common.tryAgain")}</Button> : null}
      {trouble.requestId ? <p className="request-id">{t("trouble.requestId", { id: trouble.requestId })}</p> : null}
    </div>
  );
}

/** The same in a line, beside what was tried. */
export function TroubleLine({ trouble }: { trouble: Trouble | null }) {
  const t = useText();
  if (!trouble) return null;
  return (
    <p className="notice notice-bad" role="alert">
      <Icon name="warn" />
      <span>
        {trouble.kind === "refused" && trouble.message ? sayRefusal(trouble) : `${t(TITLES[trouble.kind])}. ${t(ADVICE[trouble.kind])}`}{" "}
        {trouble.retryAfter === null ? null : t("trouble.retryAfter", { count: trouble.retryAfter })}{" "}
        {trouble.requestId ? <span className="request-id">{t("trouble.requestId", { id: trouble.requestId })}</span> : null}
      </span>
    </p>
  );
}

export function Refusals({ errors }: { errors: readonly Refusal[] }) {
  if (errors.length === 0) return null;
  return (
    <div className="notice notice-bad" role="alert">
      <Icon name="warn" />
      <ul>
        {errors.map((error, place) => (
          <li key={place}>{sayRefusal(error)}</li>
        ))}
      </ul>
    </div>
  );
}

export function Skeleton({ lines = 3 }: { lines?: number }) {
  const t = useText();
  return (
    <div className="skeleton" role="status">
      <span className="unseen">{t("common.loading")}</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className="bone" aria-hidden="true" />
      ))}
    </div>
  );
}

export type Tone = "good" | "wait" | "bad" | "quiet" | "accent";

export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}

interface Seats {
  total: number;
  used: number;
  pending: number;
  available: number;
}

/** Seats as a bar: held by people who are here, by people who were invited, and free. The numbers stand beside it. */
export function SeatMeter({ seats, label }: { seats: Seats; label: string }) {
  const t = useText();
  const active = seats.used - seats.pending;
  const said = t("seats.said", { used: seats.used, total: seats.total, pending: seats.pending, free: seats.available });
  const full = seats.total > 0 && seats.available === 0;
  return (
    <div className="seats">
      <svg className={`seat-bar${full ? " seat-bar-full" : ""}`} viewBox={`0 0 ${String(Math.max(1, seats.total))} 1`} preserveAspectRatio="none" role="img" aria-label={`${label}: ${said}`}>
        <rect className="seat-used" x={0} y={0} height={1} width={active} />
        <rect className="seat-pending" x={active} y={0} height={1} width={seats.pending} />
      </svg>
      <span className="seat-numbers" aria-hidden="true">
        <strong>{formatNumber(seats.used)}</strong> / {formatNumber(seats.total)}
      </span>
    </div>
  );
}

/** The heading of a screen, focused when one comes to it, so that a reader begins there. */
export function Title({ children }: { children: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · Muster`;
  }, [children]);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
