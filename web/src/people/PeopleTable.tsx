import { useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { memo, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { useClient, useQuery } from "urql";
import { Link } from "wouter";
import { PeoplePageDocument, type PeoplePageQueryVariables, type PersonRowFragment, type UserOrderField } from "../api/generated/graphql.ts";
import { CheckBox } from "../design/fields.tsx";
import { Icon } from "../design/icons.tsx";
import { Badge } from "../design/states.tsx";
import { formatAgo, formatDay, formatMoment } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { useStable } from "../list/stable.ts";
import { StatusBadge } from "./badges.tsx";
import { COLUMNS, PERSON, type Column, type ColumnName } from "./columns.ts";
import { PAGE, type Pages } from "./pages.ts";
import { boxState, EVERYBODY, isSelected, NOBODY, set, toggle, type Selection } from "./selection.ts";

const ROW = 56;
/** Rows that are asked for before they come into sight. */
const AHEAD = 40;

interface TableProps {
  pages: Pages;
  columns: readonly ColumnName[];
  selection: Selection;
  onSelect: (selection: Selection) => void;
  order: UserOrderField;
  isDescending: boolean;
  onOrder: (order: UserOrderField) => void;
  openId: string | null;
  hrefOf: (id: string) => string;
  onOpen: (id: string) => void;
}

export function PeopleTable({ pages, columns, selection, onSelect, order, isDescending, onOrder, openId, hrefOf, onOpen }: TableProps) {
  const t = useText();
  const client = useClient();
  const grid = useRef<HTMLDivElement>(null);
  const total = pages.total ?? 0;
  const [active, setActive] = useState(0);
  const anchor = useRef(0);
  const shown = useMemo((): Column[] => [PERSON, ...COLUMNS.filter(({ name }) => columns.includes(name))], [columns]);

  // eslint-disable-next-line react-hooks/incompatible-library -- nothing of it is memoized by hand
  const virtual = useVirtualizer({ count: total, getScrollElement: () => grid.current, estimateSize: () => ROW, overscan: 8, scrollPaddingStart: 40 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { reach } = pages;
  useEffect(() => {
    reach(Math.floor(Math.min(Math.max(0, total - 1), last + AHEAD) / PAGE));
  }, [reach, last, total]);

  const listName = JSON.stringify(pages.asked[0]);
  useEffect(() => {
    setActive(0);
    anchor.current = 0;
    grid.current?.scrollTo({ top: 0 });
  }, [listName]);

  const personAt = (index: number): PersonRowFragment | undefined => {
    const variables = pages.asked[Math.floor(index / PAGE)];
    return variables && client.readQuery(PeoplePageDocument, variables)?.data?.account.users?.nodes[index % PAGE];
  };
  const selectTo = (index: number) => {
    const [from, to] = [Math.min(anchor.current, index), Math.max(anchor.current, index)];
    const people = Array.from({ length: to - from + 1 }, (_, place) => personAt(from + place)).filter((person) => person !== undefined);
    onSelect(set(selection, people, true));
  };
  const move = (index: number, isRange: boolean) => {
    const next = Math.max(0, Math.min(total - 1, index));
    setActive(next);
    virtual.scrollToIndex(next);
    if (isRange) selectTo(next);
    else anchor.current = next;
  };
  const page = () => Math.max(1, Math.floor((grid.current?.clientHeight ?? ROW) / ROW) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== grid.current) return;
    const steps: Record<string, () => void> = {
      ArrowDown: () => move(active + 1, event.shiftKey),
      ArrowUp: () => move(active - 1, event.shiftKey),
      PageDown: () => move(active + page(), event.shiftKey),
      PageUp: () => move(active - page(), event.shiftKey),
      Home: () => move(0, event.shiftKey),
      End: () => move(total - 1, false),
      " ": () => pick(active, event.shiftKey),
      Enter: () => {
        const person = personAt(active);
        if (person) onOpen(person.id);
      },
      Escape: () => onSelect(NOBODY),
    };
    const step = (event.ctrlKey || event.metaKey) && event.key === "a" ? () => onSelect(EVERYBODY) : steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  };
  const pick = (index: number, isRange: boolean) => {
    const person = personAt(index);
    if (!person) return;
    if (isRange) selectTo(index);
    else onSelect(toggle(selection, person));
    setActive(index);
    anchor.current = index;
  };

  const onPick = useStable(pick);
  const onRow = useStable((index: number, id: string) => {
    setActive(index);
    onOpen(id);
  });

  const byPage = new Map<number, VirtualItem[]>();
  for (const item of items) {
    const place = Math.floor(item.index / PAGE);
    byPage.set(place, [...(byPage.get(place) ?? []), item]);
  }
  const all = boxState(selection, total);
  return (
    <div
      ref={grid}
      className="grid card"
      role="grid"
      tabIndex={0}
      aria-label={t("people.title")}
      aria-rowcount={total + 1}
      aria-multiselectable="true"
      aria-activedescendant={total > 0 ? `row-${String(active)}` : undefined}
      data-columns={shown.map(({ name }) => name).join(" ")}
      onKeyDown={onKeyDown}
    >
      <div role="row" className="grid-row grid-head" aria-rowindex={1}>
        <div role="columnheader" className="cell-check">
          <button
            type="button"
            role="checkbox"
            className="box-button"
            aria-checked={all === "some" ? "mixed" : all === "on"}
            aria-label={t("people.selectAll", { count: total })}
            onClick={() => onSelect(all === "on" ? NOBODY : EVERYBODY)}
          >
            <CheckBox state={all} />
          </button>
        </div>
        {shown.map((column) => (
          <Heading key={column.name} column={column} isOrdered={order === column.order} isDescending={isDescending} onOrder={onOrder} />
        ))}
      </div>
      <div role="rowgroup" className="grid-rows" style={{ height: virtual.getTotalSize() }}>
        {[...byPage].map(([place, rows]) => (
          <PageRows
            key={place}
            variables={pages.asked[place]}
            rows={rows}
            shown={shown}
            selection={selection}
            active={active}
            openId={openId}
            hrefOf={hrefOf}
            onPick={onPick}
            onOpen={onRow}
          />
        ))}
      </div>
    </div>
  );
}

function Heading({ column, isOrdered, isDescending, onOrder }: { column: Column; isOrdered: boolean; isDescending: boolean; onOrder: (order: UserOrderField) => void }) {
  const t = useText();
  const { order } = column;
  return (
    <div role="columnheader" className={`cell-${column.name}`} aria-sort={isOrdered ? (isDescending ? "descending" : "ascending") : undefined}>
      {order ? (
        <button type="button" className="order" onClick={() => onOrder(order)}>
          {t(column.label)}
          {isOrdered ? <Icon name={isDescending ? "down" : "up"} /> : null}
        </button>
      ) : (
        t(column.label)
      )}
    </div>
  );
}

interface PageProps {
  variables: PeoplePageQueryVariables | undefined;
  rows: VirtualItem[];
  shown: Column[];
  selection: Selection;
  active: number;
  openId: string | null;
  hrefOf: (id: string) => string;
  onPick: (index: number, isRange: boolean) => void;
  onOpen: (index: number, id: string) => void;
}

const UNKNOWN: PeoplePageQueryVariables = { first: 0, withCount: false };

/** What is in sight of a page. It follows the cache, so that a change made anywhere is seen here. */
function PageRows({ variables, rows, shown, selection, active, openId, hrefOf, onPick, onOpen }: PageProps) {
  const [{ data }] = useQuery({ query: PeoplePageDocument, variables: variables ?? UNKNOWN, pause: !variables });
  const nodes = variables ? data?.account.users?.nodes : undefined;
  return rows.map(({ index, start }) => {
    const person = nodes?.[index % PAGE];
    return (
      <Row
        key={index}
        index={index}
        start={start}
        person={person}
        shown={shown}
        isActive={index === active}
        isPicked={person ? isSelected(selection, person.id) : false}
        isOpen={person?.id === openId}
        href={person ? hrefOf(person.id) : ""}
        onPick={onPick}
        onOpen={onOpen}
      />
    );
  });
}

interface RowProps {
  index: number;
  start: number;
  person: PersonRowFragment | undefined;
  shown: Column[];
  isActive: boolean;
  isPicked: boolean;
  isOpen: boolean;
  href: string;
  onPick: (index: number, isRange: boolean) => void;
  onOpen: (index: number, id: string) => void;
}

const Row = memo(function Row({ index, start, person, shown, isActive, isPicked, isOpen, href, onPick, onOpen }: RowProps) {
  const t = useText();
  const style = { transform: `translateY(${String(start)}px)` };
  const id = `row-${String(index)}`;
  if (!person) {
    return (
      <div role="row" id={id} className="grid-row" aria-rowindex={index + 2} style={style}>
        <div role="gridcell" className="cell-check" />
        <div role="gridcell" className="cell-person" aria-busy="true">
          <span className="unseen">{t("common.loading")}</span>
          <span className="bone" aria-hidden="true" />
        </div>
      </div>
    );
  }
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onOpen(index, person.id);
  };
  return (
    // The grid has the keyboard; each row does by mouse what the keys do there.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div role="row" id={id} className="grid-row" aria-rowindex={index + 2} aria-selected={isPicked} data-active={isActive || undefined} data-open={isOpen || undefined} style={style} onClick={open}>
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus */}
      <div
        role="gridcell"
        className="cell-check"
        onClick={(event) => {
          event.stopPropagation();
          onPick(index, event.shiftKey);
        }}
      >
        <CheckBox state={isPicked ? "on" : "off"} />
      </div>
      {shown.map(({ name }) => (
        <div key={name} role="gridcell" className={`cell-${name}`}>
          <Cell name={name} person={person} href={href} />
        </div>
      ))}
    </div>
  );
});

function Cell({ name, person, href }: { name: Column["name"]; person: PersonRowFragment; href: string }) {
  const t = useText();
  switch (name) {
    case "person":
      return (
        <>
          <Link href={href} tabIndex={-1} className="person-name">
            {person.displayName}
          </Link>
          {person.displayName === person.email ? null : <span className="person-email">{person.email}</span>}
        </>
      );
    case "role":
      return person.role === "USER" ? <span className="soft">{t("role.USER")}</span> : <Badge tone="accent">{t(`role.${person.role}`)}</Badge>;
    case "status":
      return <StatusBadge person={person} />;
    case "products": {
      const held = person.assignments?.nodes ?? [];
      if (held.length === 0) return <span className="soft">–</span>;
      return (
        <span className="soft clip">
          {held.map(({ product }) => product.name).join(", ")}
          {person.assignments?.pageInfo.hasNextPage ? " …" : ""}
        </span>
      );
    }
    case "used":
      return person.lastSignedInAt ? <span title={formatMoment(person.lastSignedInAt)}>{formatAgo(person.lastSignedInAt)}</span> : <span className="soft">{t("people.never")}</span>;
    case "added":
      return formatDay(person.createdAt);
  }
}
