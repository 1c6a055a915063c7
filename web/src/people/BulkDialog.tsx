import { useEffect, useRef, useState } from "react";
import { CombinedError, useClient, useQuery } from "urql";
import { GroupNamesDocument, type UserFilter, type UserOrder } from "../api/generated/graphql.ts";
import { troubleOf, troubleOfFault, type Trouble } from "../api/trouble.ts";
import type { Refusal } from "../api/change.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Choice } from "../design/fields.tsx";
import { Refusals, TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { applyOf, forAllWhoMatch, peopleOf, type Action } from "./actions.ts";
import { Outcomes } from "./Outcomes.tsx";
import { run, type Progress } from "./portions.ts";
import { count, type Selection } from "./selection.ts";

interface BulkProps {
  action: Action;
  selection: Selection;
  matching: number;
  filter: UserFilter;
  orderBy: UserOrder;
  products: readonly { id: string; name: string; seats?: { available: number } | null }[];
  onClose: (hasDone: boolean) => void;
  /** The server has begun what it does for all who match. */
  onJob: (id: string) => void;
}

export function BulkDialog({ action, selection, matching, filter, orderBy, products, onClose, onJob }: BulkProps) {
  const t = useText();
  const client = useClient();
  const total = count(selection, matching);
  const [{ data: known, fetching }] = useQuery({ query: GroupNamesDocument, pause: action.needs !== "group" });
  const groups = known?.account.groups?.nodes ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const isStopped = useRef(false);
  const target = chosen ?? (action.needs === "product" ? products : groups)[0]?.id ?? "";
  const free = products.find(({ id }) => id === target)?.seats?.available ?? 0;
  useEffect(() => () => void (isStopped.current = true), []);

  const begin = async () => {
    isStopped.current = false;
    setTrouble(null);
    setRefusals([]);
    // The server sees to all who match by itself, and goes on when the page is left.
    const byFilter = forAllWhoMatch(client, action.name, target, selection, matching, filter);
    if (byFilter) {
      setBusy(true);
      const { data, trouble: failed } = await byFilter();
      setBusy(false);
      setTrouble(failed);
      setRefusals(data?.refusals ?? []);
      if (data?.jobId) onJob(data.jobId);
      else if (data?.refusals.length === 0) onClose(true);
      return;
    }
    const settings = { total, size: action.size, tell: setProgress, isStopped: () => isStopped.current };
    setProgress({ total, done: 0, outcomes: [], trouble: null, refusals: [], isOver: false });
    run(peopleOf(client, selection, filter, orderBy), applyOf(client, action.name, target), settings).catch((fault: unknown) => {
      const broken = fault instanceof CombinedError ? troubleOf(fault) : troubleOfFault(fault);
      setProgress((before) => (before ? { ...before, trouble: broken, isOver: true } : before));
    });
  };
  const isRunning = progress !== null && !progress.isOver;
  return (
    <Dialog title={t(action.title, { count: total })} isOpen isKept={isRunning} onClose={() => onClose(progress !== null)}>
      {progress === null ? (
        <>
          <div className="dialog-body">
            <p>{t(action.advice)}</p>
            {action.needs === "product" ? (
              <Choice label={t("bulk.product")} value={target} onChange={setChosen} options={products.map(({ id, name, seats }) => ({ value: id, label: name, note: t("seats.free", { count: seats?.available ?? 0 }) }))} />
            ) : null}
            {action.needs === "group" ? (
              !fetching && groups.length === 0 ? (
                <p className="note">{t("groups.none")}</p>
              ) : (
                <Choice label={t("groups.group")} value={target} onChange={setChosen} options={groups.map(({ id, name, memberCount }) => ({ value: id, label: name, note: t("people.count", { count: memberCount }) }))} />
              )
            ) : null}
            {action.name === "give" && free < total ? <p className="notice notice-wait">{t("bulk.tooFew", { free, count: total })}</p> : null}
            <TroubleLine trouble={trouble} />
            <Refusals errors={refusals} />
          </div>
          <div className="dialog-actions">
            <Button onPress={() => onClose(false)}>{t("common.cancel")}</Button>
            <Button look={action.isHarm ? "harm" : "main"} onPress={() => void begin()} isPending={isBusy} isDisabled={action.needs !== null && !target} autoFocus>
              {t(action.label)}
            </Button>
          </div>
        </>
      ) : (
        <Outcomes progress={progress} onStop={() => (isStopped.current = true)} onClose={() => onClose(true)} />
      )}
    </Dialog>
  );
}
