import { useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { memo, useEffect, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from "react";
import { useClient, useQuery } from "urql";
import { CheckBox } from "../design/fields.tsx";
import { Icon } from "../design/icons.tsx";
import { useText } from "../language/language.ts";
import { boxState, EVERYBODY, isSelected, NOBODY, set, toggle, type Person, type Selection } from "../people/selection.ts";
import { useStable } from "./stable.ts";
import { PAGE, type List, type Paged, type Walk } from "./walk.ts";
import "./list.css";

const ROW = 56;
/** Rows that are asked for before they come into sight. */
const AHEAD = 40;

export interface Column<Row> {
  name: string;
  label: string;
  /** What the list can be ordered by. */
  order?: string;
  /** Left out where there is little room. */
  isMinor?: boolean;
  isNumber?: boolean;
  className?: string;
  cell: (row: Row) => ReactNode;
}

interface TableProps<Data, Variables extends Paged, Row> {
  list: List<Data, Variables, Row>;
  walk: Walk<Variables>;
  label: string;
  columns: readonly Column<Row>[];
  order?: { field: string; isDescending: boolean; onOrder: (field: string) => void };
  /** Without it, nothing can be selected. */
  pick?: { selection: Selection; onSelect: (selection: Selection) => void; itemOf: (row: Row) => Person };
  onOpen?: (row: Row) => void;
  /** Which row stands open beside the list. */
  isOpen?: (row: Row) => boolean;
}

/** A list of any length, of which only what is in sight is drawn. It has the keyboard as a whole. */
export function ListTable<Data, Variables extends Paged, Row>({ list, walk, label, columns, order, pick, onOpen, isOpen }: TableProps<Data, Variables, Row>) {
  const t = useText();
  const client = useClient();
  const grid = useRef<HTMLDivElement>(null);
  const total = walk.total ?? 0;
  const [active, setActive] = useState(0);
  const anchor = useRef(0);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing of it is memoized by hand
  const virtual = useVirtualizer({ count: total, getScrollElement: () => grid.current, estimateSize: () => ROW, overscan: 8, scrollPaddingStart: 40 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { reach } = walk;
  useEffect(() => {
    reach(Math.floor(Math.min(Math.max(0, total - 1), last + AHEAD) / PAGE));
  }, [reach, last, total]);
  const listName = JSON.stringify(walk.asked[0]);
  useEffect(() => {
    setActive(0);
    anchor.current = 0;
    grid.current?.scrollTo({ top: 0 });
  }, [listName]);

  const rowAt = (index: number): Row | undefined => {
    const variables = walk.asked[Math.floor(index / PAGE)];
    const data = variables && client.readQuery(list.document, variables)?.data;
    return data ? list.read(data)?.nodes[index % PAGE] : undefined;
  };
  const selectTo = (index: number) => {
    if (!pick) return;
    const [from, to] = [Math.min(anchor.current, index), Math.max(anchor.current, index)];
    const rows = Array.from({ length: to - from + 1 }, (_, place) => rowAt(from + place)).filter((row) => row !== undefined);
    pick.onSelect(set(pick.selection, rows.map(pick.itemOf), true));
  };
  const choose = (index: number, isRange: boolean) => {
    const row = rowAt(index);
    if (!pick || row === undefined) return;
    if (isRange) selectTo(index);
    else pick.onSelect(toggle(pick.selection, pick.itemOf(row)));
    setActive(index);
    anchor.current = index;
  };
  const open = (index: number, isByLink = false) => {
    const row = rowAt(index);
    setActive(index);
    anchor.current = index;
    if (row !== undefined && !isByLink) onOpen?.(row);
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
      Enter: () => open(active),
      ...(pick ? { " ": () => choose(active, event.shiftKey), Escape: () => pick.onSelect(NOBODY) } : {}),
    };
    const step = pick && (event.ctrlKey || event.metaKey) && event.key === "a" ? () => pick.onSelect(EVERYBODY) : steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  };

  const onPick = useStable(choose);
  const onRow = useStable(open);

  const byPage = new Map<number, VirtualItem[]>();
  for (const item of items) {
    const place = Math.floor(item.index / PAGE);
    byPage.set(place, [...(byPage.get(place) ?? []), item]);
  }
  const all = pick ? boxState(pick.selection, total) : "off";
  return (
    <div
      ref={grid}
      className="grid card"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={total + 1}
      aria-multiselectable={pick ? "true" : undefined}
      aria-activedescendant={total > 0 ? `row-${String(active)}` : undefined}
      data-plain={pick ? undefined : true}
      data-opens={onOpen ? true : undefined}
      onKeyDown={onKeyDown}
    >
      <div role="row" className="grid-row grid-head" aria-rowindex={1}>
        {pick ? (
          <div role="columnheader" className="cell-check">
            <button
              type="button"
              role="checkbox"
              className="box-button"
              aria-checked={all === "some" ? "mixed" : all === "on"}
              aria-label={t("list.selectAll", { count: total })}
              onClick={() => pick.onSelect(all === "on" ? NOBODY : EVERYBODY)}
            >
              <CheckBox state={all} />
            </button>
          </div>
        ) : null}
        {columns.map((column) => (
          <div
            key={column.name}
            role="columnheader"
            className={classOf(column)}
            aria-sort={order && order.field === column.order ? (order.isDescending ? "descending" : "ascending") : undefined}
          >
            {order && column.order ? (
              <button type="button" className="order" onClick={() => order.onOrder(column.order ?? "")}>
                {column.label}
                {order.field === column.order ? <Icon name={order.isDescending ? "down" : "up"} /> : null}
              </button>
            ) : (
              column.label
            )}
          </div>
        ))}
      </div>
      <div role="rowgroup" className="grid-rows" style={{ height: virtual.getTotalSize() }}>
        {[...byPage].map(([place, places]) => (
          <PageRows key={place} list={list} variables={walk.asked[place]} places={places} columns={columns} active={active} pick={pick} onPick={onPick} onOpen={onOpen ? onRow : undefined} isOpen={isOpen} />
        ))}
      </div>
    </div>
  );
}

const classOf = ({ className, isMinor, isNumber }: { className?: string; isMinor?: boolean; isNumber?: boolean }) =>
  [className, isMinor ? "cell-minor" : "", isNumber ? "cell-number" : ""].filter(Boolean).join(" ") || undefined;

interface PageProps<Data, Variables extends Paged, Row> extends Pick<TableProps<Data, Variables, Row>, "list" | "columns" | "pick"> {
  variables: Variables | undefined;
  places: VirtualItem[];
  active: number;
  onPick: (index: number, isRange: boolean) => void;
  onOpen: ((index: number, isByLink: boolean) => void) | undefined;
  isOpen: ((row: Row) => boolean) | undefined;
}

/** What is in sight of a page. It follows the cache, so that a change made anywhere is seen here. */
function PageRows<Data, Variables extends Paged, Row>({ list, variables, places, columns, active, pick, onPick, onOpen, isOpen }: PageProps<Data, Variables, Row>) {
  const [{ data }] = useQuery({ query: list.document, variables: variables ?? ({} as Variables), pause: !variables });
  const rows = variables && data ? list.read(data)?.nodes : undefined;
  return places.map(({ index, start }) => {
    const row = rows?.[index % PAGE];
    return (
      <Line
        key={index}
        index={index}
        start={start}
        isActive={index === active}
        row={row}
        columns={columns}
        isPicked={pick && row !== undefined ? isSelected(pick.selection, pick.itemOf(row).id) : undefined}
        isOpen={row !== undefined && isOpen?.(row) === true}
        onPick={onPick}
        onOpen={onOpen}
      />
    );
  });
}

interface LineProps<Row> {
  index: number;
  start: number;
  isActive: boolean;
  row: Row | undefined;
  columns: readonly Column<Row>[];
  isPicked: boolean | undefined;
  isOpen: boolean;
  onPick: (index: number, isRange: boolean) => void;
  onOpen: ((index: number, isByLink: boolean) => void) | undefined;
}

// `memo` forgets that what it is given has a kind of rows of its own.
const Line = memo(LineOfRow) as typeof LineOfRow;

function LineOfRow<Row>({ index, start, isActive, row, columns, isPicked, isOpen, onPick, onOpen }: LineProps<Row>) {
  const t = useText();
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    // A link in the row goes where it says.
    onOpen?.(index, event.target instanceof Element && event.target.closest("a, button") !== null);
  };
  return (
    // The grid has the keyboard; each row does by mouse what the keys do there.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div role="row" id={`row-${String(index)}`} className="grid-row" aria-rowindex={index + 2} aria-selected={isPicked} data-active={isActive || undefined} data-open={isOpen || undefined} style={{ transform: `translateY(${String(start)}px)` }} onClick={open}>
      {isPicked === undefined ? null : (
        // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
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
      )}
      {row === undefined ? (
        <div role="gridcell" aria-busy="true">
          <span className="unseen">{t("common.loading")}</span>
          <span className="bone" aria-hidden="true" />
        </div>
      ) : (
        columns.map((column) => (
          <div key={column.name} role="gridcell" className={classOf(column)}>
            {column.cell(row)}
          </div>
        ))
      )}
    </div>
  );
}
