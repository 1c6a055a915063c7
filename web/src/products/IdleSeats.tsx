import { useMemo, useRef, useState } from "react";
import { CombinedError, useClient, type Client } from "urql";
import { Link } from "wouter";
import { ReclaimSeatsDocument, type IdleSeatFragment } from "../api/generated/graphql.ts";
import { send, type Changed } from "../api/change.ts";
import { troubleOf, troubleOfFault } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Choice } from "../design/fields.tsx";
import { Badge, Empty } from "../design/states.tsx";
import { formatAgo, formatDay, formatMoment } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { useAddress } from "../list/address.ts";
import { ListTable, type Column } from "../list/ListTable.tsx";
import { everyRow, type List, type Paged, type Walk } from "../list/walk.ts";
import { WalkStates } from "../list/WalkStates.tsx";
import { Outcomes } from "../people/Outcomes.tsx";
import { inPortions, run, type Answer, type Progress } from "../people/portions.ts";
import { count, EVERYBODY, NOBODY, type Person, type Selection } from "../people/selection.ts";
import { useMay } from "../session/viewer.ts";

const DAYS = [30, 60, 90, 180, 365];
const USUAL = 90;

/** For how many days somebody was idle, as the address has it. */
export function readDays(params: URLSearchParams): number {
  const days = Number(params.get("days"));
  return DAYS.includes(days) ? days : USUAL;
}

interface IdleProps<Data, Variables extends Paged> {
  list: List<Data, Variables, IdleSeatFragment>;
  walk: Walk<Variables>;
  /** Whether seats of several products stand in it. */
  hasProduct: boolean;
}

const personOf = ({ id, user }: IdleSeatFragment): Person => ({ id, displayName: user.displayName, email: user.email, status: user.status });

/** Seats that nobody seems to need: looked at, chosen, and exactly those are given back. */
export function IdleSeats<Data, Variables extends Paged>({ list, walk, hasProduct }: IdleProps<Data, Variables>) {
  const t = useText();
  const mayAssign = useMay("ASSIGNMENTS_WRITE");
  const { params, change } = useAddress();
  const days = readDays(params);
  const [selection, setSelection] = useState<Selection>(NOBODY);
  const [isAsked, setAsked] = useState(false);
  const total = walk.total ?? 0;
  const chosen = count(selection, total);
  const columns = useMemo((): Column<IdleSeatFragment>[] => [
    {
      name: "person",
      label: t("people.column.person"),
      cell: ({ user }) => (
        <span className="cell-two">
          <Link href={`/people/${user.id}`} tabIndex={-1} className="person-name">
            {user.displayName}
          </Link>
          {user.displayName === user.email ? null : <span className="person-email">{user.email}</span>}
        </span>
      ),
    },
    ...(hasProduct ? [{ name: "product", label: t("bulk.product"), cell: ({ product }: IdleSeatFragment) => <Link href={`/products/${product.id}/unneeded`} tabIndex={-1}>{product.name}</Link> }] : []),
    { name: "why", label: t("products.why"), cell: ({ user }) => (user.status === "PENDING" ? <Badge tone="wait">{t("products.notAccepted")}</Badge> : <Badge tone="quiet">{t("products.idle")}</Badge>) },
    { name: "used", label: t("people.column.used"), isMinor: true, cell: ({ user }) => (user.lastSignedInAt ? <span title={formatMoment(user.lastSignedInAt)}>{formatAgo(user.lastSignedInAt)}</span> : <span className="soft">{t("people.never")}</span>) },
    { name: "since", label: t("products.since"), isMinor: true, cell: ({ assignedAt }) => formatDay(assignedAt) },
  ], [t, hasProduct]);
  return (
    <>
      <div className="bar">
        <Choice
          isLabelHidden
          label={t("products.idleDays")}
          value={String(days)}
          onChange={(value) => {
            setSelection(NOBODY);
            change({ days: value === String(USUAL) ? "" : value });
          }}
          options={DAYS.map((one) => ({ value: String(one), label: t("products.idleFor", { count: one }) }))}
        />
        {walk.total === null ? null : <p role="status">{t("products.reclaimable", { count: total })}</p>}
      </div>
      {chosen > 0 ? (
        <div className="bulk" role="region" aria-label={t("bulk.label")}>
          <span role="status">{t("products.seatsSelected", { count: chosen })}</span>
          {selection.kind === "some" && chosen < total ? (
            <Button look="bare" isSmall onPress={() => setSelection(EVERYBODY)}>
              {t("bulk.selectAll", { count: total })}
            </Button>
          ) : null}
          <Button look="bare" isSmall onPress={() => setSelection(NOBODY)}>
            {t("bulk.clear")}
          </Button>
          <span className="bulk-actions">
            <Button isSmall look="harm" onPress={() => setAsked(true)}>
              {t("products.release")}
            </Button>
          </span>
        </div>
      ) : null}
      <WalkStates walk={walk} empty={<Empty title={t("products.allNeeded")}>{t("products.allNeededAdvice")}</Empty>}>
        <ListTable list={list} walk={walk} label={t("products.unneeded")} columns={columns} {...(mayAssign ? { pick: { selection, onSelect: setSelection, itemOf: personOf } } : {})} />
      </WalkStates>
      {isAsked ? (
        <ReleaseDialog
          list={list}
          walk={walk}
          days={days}
          selection={selection}
          onClose={(isDone) => {
            setAsked(false);
            if (!isDone) return;
            setSelection(NOBODY);
            walk.again();
          }}
        />
      ) : null}
    </>
  );
}

interface ReleaseProps<Data, Variables extends Paged> {
  list: List<Data, Variables, IdleSeatFragment>;
  walk: Walk<Variables>;
  days: number;
  selection: Selection;
  onClose: (isDone: boolean) => void;
}

/** Exactly those who were seen: the server judges each of them anew, and whoever has come back keeps their seat. */
function ReleaseDialog<Data, Variables extends Paged>({ list, walk, days, selection, onClose }: ReleaseProps<Data, Variables>) {
  const t = useText();
  const client = useClient();
  const total = count(selection, walk.total ?? 0);
  const [progress, setProgress] = useState<Progress | null>(null);
  const isStopped = useRef(false);
  const begin = () => {
    const settings = { total, size: 100, tell: setProgress, isStopped: () => isStopped.current };
    setProgress({ total, done: 0, outcomes: [], trouble: null, refusals: [], isOver: false });
    run(seatsOf(client, list, walk, selection), (seats) => release(client, seats, days), settings).catch((fault: unknown) => {
      const trouble = fault instanceof CombinedError ? troubleOf(fault) : troubleOfFault(fault);
      setProgress((before) => (before ? { ...before, trouble, isOver: true } : before));
    });
  };
  const isRunning = progress !== null && !progress.isOver;
  return (
    <Dialog title={t("products.releaseTitle", { count: total })} isOpen isKept={isRunning} onClose={() => onClose(progress !== null)}>
      {progress === null ? (
        <>
          <div className="dialog-body">
            <p>{t("products.releaseAdvice")}</p>
          </div>
          <div className="dialog-actions">
            <Button onPress={() => onClose(false)}>{t("common.cancel")}</Button>
            <Button look="harm" onPress={begin} autoFocus>
              {t("products.release")}
            </Button>
          </div>
        </>
      ) : (
        <Outcomes progress={progress} onStop={() => (isStopped.current = true)} onClose={() => onClose(true)} />
      )}
    </Dialog>
  );
}

/** The seats that are meant, by the hundred. All who match are read to the end before the first is taken back. */
async function* seatsOf<Data, Variables extends Paged>(client: Client, list: List<Data, Variables, IdleSeatFragment>, walk: Walk<Variables>, selection: Selection): AsyncGenerator<readonly Person[]> {
  if (selection.kind === "some") {
    yield* inPortions([...selection.people.values()], 100);
    return;
  }
  const seats = (await everyRow(client, list, walk.asked[0])).map(personOf).filter(({ id }) => !selection.except.has(id));
  yield* inPortions(seats, 100);
}

async function release(client: Client, seats: readonly Person[], idleDays: number): Promise<Changed<Answer>> {
  const { data, trouble } = await send(client, ReclaimSeatsDocument, { input: { idleDays, assignmentIds: seats.map(({ id }) => id) } });
  if (trouble) return { data: null, trouble };
  const payload = data.reclaimSeats;
  return { data: { results: (payload?.results ?? []).map(({ index, status, userErrors }) => ({ index, status, errors: userErrors })), refusals: payload?.userErrors ?? [] }, trouble: null };
}
