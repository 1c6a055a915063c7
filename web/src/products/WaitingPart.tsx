import { useMemo, useState } from "react";
import { CombinedError, useClient, useQuery } from "urql";
import { Link } from "wouter";
import { LeaveWaitingDocument, MoveWaitingDocument, WaitlistDocument, type WaitingEntryFragment, type WaitlistQuery, type WaitlistQueryVariables } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import { troubleOf, troubleOfFault, type Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Confirm, Dialog } from "../design/Dialog.tsx";
import { TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Empty, Refusals, TroubleLine } from "../design/states.tsx";
import { formatAgo, formatDay, formatMoment, formatNumber } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { ListTable, type Column } from "../list/ListTable.tsx";
import { everyRow, PAGE, useWalk, type List } from "../list/walk.ts";
import { WalkStates } from "../list/WalkStates.tsx";
import { inPortions } from "../people/portions.ts";
import { count, NOBODY, type Selection } from "../people/selection.ts";
import { useMay } from "../session/viewer.ts";
import { ProductTop, Absent } from "./ProductPage.tsx";

const LIST: List<WaitlistQuery, WaitlistQueryVariables, WaitingEntryFragment> = { document: WaitlistDocument, read: (data) => data.account.waitlist };

/** Who waits for it, in the order in which they are served. */
export function WaitingPart({ id }: { id: string }) {
  const t = useText();
  const change = useChange();
  const client = useClient();
  const mayAssign = useMay("ASSIGNMENTS_WRITE");
  const walk = useWalk(LIST, { id });
  const [{ data }] = useQuery({ query: WaitlistDocument, variables: walk.asked[0] ?? { id, first: 0, withCount: false }, pause: !walk.asked[0] });
  const [selection, setSelection] = useState<Selection>(NOBODY);
  const [moved, setMoved] = useState<WaitingEntryFragment | null>(null);
  const [isLeaving, setLeaving] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const total = walk.total ?? 0;
  const chosen = count(selection, total);
  const product = data?.product ?? null;
  const columns = useMemo((): Column<WaitingEntryFragment>[] => [
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
    { name: "position", label: t("products.position"), isNumber: true, cell: ({ position }) => formatNumber(position) },
    { name: "since", label: t("products.waitsSince"), isMinor: true, cell: ({ createdAt }) => <span title={formatMoment(createdAt)}>{formatAgo(createdAt)}</span> },
    { name: "until", label: t("products.expiresOn"), isMinor: true, cell: ({ expiresOn }) => (expiresOn ? formatDay(expiresOn) : <span className="soft">–</span>) },
    { name: "by", label: t("products.requestedBy"), isMinor: true, cell: ({ requestedBy }) => <span className="soft clip">{requestedBy?.displayName ?? "–"}</span> },
  ], [t]);
  if (data && walk.asked[0] && !product) return <Absent />;

  const settle = (failed: Trouble | null, errors: readonly Refusal[]) => {
    setBusy(false);
    setTrouble(failed);
    setRefusals(errors);
    setMoved(null);
    setLeaving(false);
    // Where everybody stands may have changed, whether it was done or not.
    walk.again();
  };
  const move = async (entry: WaitingEntryFragment, position: number) => {
    setBusy(true);
    const { data: done, trouble: failed } = await change(MoveWaitingDocument, { input: { entryId: entry.id, position } });
    const errors = done?.moveWaitlistEntry?.userErrors ?? [];
    settle(failed, errors);
    if (!failed && errors.length === 0) notify(t("products.moved", { name: entry.user.displayName, position: done?.moveWaitlistEntry?.waitlistEntry?.position ?? position }));
  };
  const leave = async () => {
    setBusy(true);
    const errors: Refusal[] = [];
    let entries: string[];
    try {
      entries = selection.kind === "some" ? [...selection.people.keys()] : (await everyRow(client, LIST, walk.asked[0])).map((entry) => entry.id).filter((entry) => !selection.except.has(entry));
    } catch (fault) {
      return settle(fault instanceof CombinedError ? troubleOf(fault) : troubleOfFault(fault), errors);
    }
    for (const entryIds of inPortions(entries, PAGE)) {
      const { data: done, trouble: failed } = await change(LeaveWaitingDocument, { input: { entryIds } });
      const payload = done?.leaveWaitlist;
      errors.push(...(payload?.userErrors ?? []), ...(payload?.results.flatMap(({ userErrors }) => userErrors) ?? []));
      if (failed) return settle(failed, errors);
    }
    setSelection(NOBODY);
    settle(null, errors);
  };
  return (
    <div className="full">
      <ProductTop id={id} part="waiting" product={product} waiting={walk.total} />
      <TroubleLine trouble={trouble} />
      <Refusals errors={refusals} />
      {chosen > 0 ? (
        <div className="bulk" role="region" aria-label={t("bulk.label")}>
          <span role="status">{t("bulk.selected", { count: chosen })}</span>
          <Button look="bare" isSmall onPress={() => setSelection(NOBODY)}>
            {t("bulk.clear")}
          </Button>
          <span className="bulk-actions">
            <Button isSmall look="harm" onPress={() => setLeaving(true)}>
              {t("products.leave")}
            </Button>
          </span>
        </div>
      ) : mayAssign && total > 0 ? (
        <p className="note">{t("products.waitingHelp")}</p>
      ) : null}
      <WalkStates walk={walk} empty={<Empty title={t("products.nobodyWaits")}>{t("products.nobodyWaitsAdvice")}</Empty>}>
        <ListTable
          list={LIST}
          walk={walk}
          label={t("products.waitlist")}
          columns={columns}
          {...(mayAssign ? { pick: { selection, onSelect: setSelection, itemOf: ({ id: entryId, user }: WaitingEntryFragment) => ({ ...user, id: entryId }) }, onOpen: setMoved } : {})}
        />
      </WalkStates>
      {moved ? <MoveDialog entry={moved} last={total} isBusy={isBusy} onMove={(position) => void move(moved, position)} onClose={() => setMoved(null)} /> : null}
      <Confirm title={t("products.leaveTitle", { count: chosen })} isOpen={isLeaving} isHarm isBusy={isBusy} action={t("products.leave")} cancel={t("common.cancel")} onConfirm={() => void leave()} onClose={() => setLeaving(false)}>
        <p>{t("products.leaveAdvice")}</p>
      </Confirm>
    </div>
  );
}

interface MoveProps {
  entry: WaitingEntryFragment;
  last: number;
  isBusy: boolean;
  onMove: (position: number) => void;
  onClose: () => void;
}

function MoveDialog({ entry, last, isBusy, onMove, onClose }: MoveProps) {
  const t = useText();
  const [text, setText] = useState(String(entry.position));
  const position = Number(text);
  const isGood = Number.isInteger(position) && position >= 1 && position <= last;
  return (
    <Dialog title={entry.user.displayName} isOpen onClose={onClose} isKept={isBusy}>
      <div className="dialog-body">
        <p>{t("products.waitsAt", { position: entry.position, count: last })}</p>
        <div className="actions">
          <Button isSmall isDisabled={entry.position === 1 || isBusy} onPress={() => onMove(1)}>
            {t("products.toFront")}
          </Button>
          <Button isSmall isDisabled={entry.position === 1 || isBusy} onPress={() => onMove(entry.position - 1)}>
            {t("products.oneUp")}
          </Button>
          <Button isSmall isDisabled={entry.position >= last || isBusy} onPress={() => onMove(entry.position + 1)}>
            {t("products.oneDown")}
          </Button>
        </div>
        <TextInput type="number" label={t("products.position")} value={text} onChange={setText} error={isGood ? undefined : t("products.positionWrong", { count: last })} />
      </div>
      <div className="dialog-actions">
        <Button onPress={onClose}>{t("common.cancel")}</Button>
        <Button look="main" isPending={isBusy} isDisabled={!isGood || position === entry.position} onPress={() => onMove(position)}>
          {t("products.move")}
        </Button>
      </div>
    </Dialog>
  );
}
