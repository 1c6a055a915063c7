import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { Link } from "wouter";
import type { AuditRowFragment } from "../api/generated/graphql.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Badge, TroubleLine } from "../design/states.tsx";
import { formatMoment } from "../language/format.ts";
import { useText } from "../language/language.ts";
import type { AuditPages } from "./pages.ts";
import { nameOfAction } from "./words.ts";

const ROW = 60;
/** Events that are asked for before they come into sight. */
const AHEAD = 30;

interface TimelineProps {
  pages: AuditPages;
  openId: string | null;
  hrefOf: (id: string) => string;
}

/** A feed without end, of which what is in sight is drawn. One event is reached by Tab, the others by the arrows from there. */
export function AuditTimeline({ pages, openId, hrefOf }: TimelineProps) {
  const t = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const { events, hasMore, more, error } = pages;
  const [active, setActive] = useState(0);
  const wantsFocus = useRef(false);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing of it is memoized by hand
  const virtual = useVirtualizer({ count: events.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 8 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last + AHEAD >= events.length) more();
  });
  const first = events[0]?.id;
  useEffect(() => {
    setActive(0);
    scroller.current?.scrollTo({ top: 0 });
  }, [first]);
  useEffect(() => {
    if (!wantsFocus.current) return;
    const link = scroller.current?.querySelector<HTMLElement>(`[aria-posinset="${String(active + 1)}"] a`);
    if (!link) return;
    wantsFocus.current = false;
    link.focus({ preventScroll: true });
  });
  const move = (index: number) => {
    const next = Math.max(0, Math.min(events.length - 1, index));
    wantsFocus.current = true;
    setActive(next);
    virtual.scrollToIndex(next);
  };
  const page = () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW) / ROW) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, () => void> = {
      ArrowDown: () => move(active + 1),
      ArrowUp: () => move(active - 1),
      PageDown: () => move(active + page()),
      PageUp: () => move(active - page()),
      Home: () => move(0),
      End: () => move(events.length - 1),
    };
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    step();
  };
  const reached = items.some(({ index }) => index === active) ? active : (items[0]?.index ?? 0);
  return (
    <>
      <div ref={scroller} className="audit-scroll card">
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the links in it have the focus */}
        <div role="feed" aria-label={t("audit.title")} aria-busy={!pages.isKnown} className="audit-rows" style={{ height: virtual.getTotalSize() }} onKeyDown={onKeyDown}>
          {items.map(({ index, start }) => {
            const event = events[index];
            return event ? (
              <Row
                key={event.id}
                event={event}
                place={index + 1}
                size={hasMore ? -1 : events.length}
                start={start}
                isOpen={event.id === openId}
                isReached={index === reached}
                href={hrefOf(event.id)}
                onFocus={() => setActive(index)}
              />
            ) : null;
          })}
        </div>
      </div>
      {error ? (
        <div className="actions">
          <TroubleLine trouble={troubleOf(error)} />
          <Button isSmall onPress={pages.again}>
            {t("common.tryAgain")}
          </Button>
        </div>
      ) : null}
    </>
  );
}

interface RowProps {
  event: AuditRowFragment;
  place: number;
  size: number;
  start: number;
  isOpen: boolean;
  isReached: boolean;
  href: string;
  onFocus: () => void;
}

function Row({ event, place, size, start, isOpen, isReached, href, onFocus }: RowProps) {
  const t = useText();
  const { occurredAt, action, actorKind, actorLabel, outcome, targets } = event;
  const touched = targets.map(({ label }) => label).filter(Boolean);
  return (
    <article className="audit-row" aria-posinset={place} aria-setsize={size} aria-labelledby={event.id} data-open={isOpen || undefined} style={{ transform: `translateY(${String(start)}px)` }}>
      <time className="audit-when" dateTime={occurredAt}>
        {formatMoment(occurredAt)}
      </time>
      <div className="audit-what">
        <Link id={event.id} href={href} tabIndex={isReached ? 0 : -1} aria-current={isOpen || undefined} onFocus={onFocus}>
          {nameOfAction(action)}
        </Link>
        <span className="note clip">{touched.length > 0 ? touched.join(", ") : null}</span>
      </div>
      <div className="audit-who">
        <span className="clip">{actorLabel}</span>
        <span className="note">{t(`audit.kind.${actorKind}`)}</span>
      </div>
      {outcome === "DENIED" ? <Badge tone="bad">{t("audit.outcome.DENIED")}</Badge> : <span />}
    </article>
  );
}
