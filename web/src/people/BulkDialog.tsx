import { useEffect, useRef, useState } from "react";
import { CombinedError, useClient } from "urql";
import type { UserFilter, UserOrder } from "../api/generated/graphql.ts";
import { troubleOf, troubleOfFault } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Choice } from "../design/fields.tsx";
import { Badge, Refusals, sayRefusal, TroubleLine } from "../design/states.tsx";
import { formatNumber } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { applyOf, peopleOf, type Action } from "./actions.ts";
import { asCsv, run, tally, type PersonOutcome, type Progress } from "./portions.ts";
import { count, type Selection } from "./selection.ts";

interface BulkProps {
  action: Action;
  selection: Selection;
  matching: number;
  filter: UserFilter;
  orderBy: UserOrder;
  products: readonly { id: string; name: string; seats?: { available: number } | null }[];
  onClose: (hasDone: boolean) => void;
}

const SHOWN = 100;

export function BulkDialog({ action, selection, matching, filter, orderBy, products, onClose }: BulkProps) {
  const t = useText();
  const client = useClient();
  const total = count(selection, matching);
  const [productId, setProductId] = useState(products[0]?.id ?? "");
  const [progress, setProgress] = useState<Progress | null>(null);
  const isStopped = useRef(false);
  const product = products.find(({ id }) => id === productId);
  const free = product?.seats?.available ?? 0;
  useEffect(() => () => void (isStopped.current = true), []);

  const begin = () => {
    isStopped.current = false;
    const settings = { total, size: action.size, tell: setProgress, isStopped: () => isStopped.current };
    setProgress({ total, done: 0, outcomes: [], trouble: null, refusals: [], isOver: false });
    run(peopleOf(client, selection, filter, orderBy), applyOf(client, action.name, productId), settings).catch((fault: unknown) => {
      const trouble = fault instanceof CombinedError ? troubleOf(fault) : troubleOfFault(fault);
      setProgress((before) => (before ? { ...before, trouble, isOver: true } : before));
    });
  };
  const isRunning = progress !== null && !progress.isOver;
  return (
    <Dialog title={t(action.title, { count: total })} isOpen isKept={isRunning} onClose={() => onClose(progress !== null)}>
      {progress === null ? (
        <>
          <div className="dialog-body">
            <p>{t(action.advice)}</p>
            {action.needsProduct ? (
              <Choice label={t("bulk.product")} value={productId} onChange={setProductId} options={products.map(({ id, name, seats }) => ({ value: id, label: name, note: t("seats.free", { count: seats?.available ?? 0 }) }))} />
            ) : null}
            {action.name === "give" && free < total ? <p className="notice notice-wait">{t("bulk.tooFew", { free, count: total })}</p> : null}
          </div>
          <div className="dialog-actions">
            <Button onPress={() => onClose(false)}>{t("common.cancel")}</Button>
            <Button look={action.isHarm ? "harm" : "main"} onPress={begin} isDisabled={action.needsProduct && !product} autoFocus>
              {t(action.label)}
            </Button>
          </div>
        </>
      ) : (
        <Running progress={progress} onStop={() => (isStopped.current = true)} onClose={() => onClose(true)} />
      )}
    </Dialog>
  );
}

function Running({ progress, onStop, onClose }: { progress: Progress; onStop: () => void; onClose: () => void }) {
  const t = useText();
  const counts = tally(progress.outcomes);
  const failed = progress.outcomes.filter(({ outcome }) => outcome === "FAILED");
  const say = ({ errors }: PersonOutcome) => errors.map(sayRefusal).join(" ");
  const download = () => {
    const header = [t("people.column.person"), t("people.email"), t("bulk.outcome"), t("bulk.reason")];
    const url = URL.createObjectURL(new Blob([`\ufeff${asCsv(progress.outcomes, header, say)}`], { type: "text/csv" }));
    Object.assign(document.createElement("a"), { href: url, download: "outcomes.csv" }).click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <div className="dialog-body">
        <progress className="progress" max={Math.max(1, progress.total)} value={progress.done} aria-label={t("bulk.progress")} />
        <p role="status">{progress.isOver ? t("bulk.over") : t("bulk.running", { done: progress.done, total: progress.total })}</p>
        <ul className="tally">
          <li>
            <Badge tone="good">{t("bulk.applied", { count: counts.APPLIED })}</Badge>
          </li>
          <li>
            <Badge tone="quiet">{t("bulk.unchanged", { count: counts.UNCHANGED })}</Badge>
          </li>
          <li>
            <Badge tone={counts.FAILED > 0 ? "bad" : "quiet"}>{t("bulk.failed", { count: counts.FAILED })}</Badge>
          </li>
        </ul>
        <TroubleLine trouble={progress.trouble} />
        <Refusals errors={progress.refusals} />
        {failed.length > 0 ? (
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to
          <div className="outcomes" tabIndex={0} role="region" aria-label={t("bulk.failures")}>
            <ul>
              {failed.slice(0, SHOWN).map((one) => (
                <li key={one.person.id}>
                  <strong>{one.person.displayName}</strong> <span>{say(one)}</span>
                </li>
              ))}
            </ul>
            {failed.length > SHOWN ? <p className="soft">{t("bulk.more", { count: failed.length - SHOWN })}</p> : null}
          </div>
        ) : null}
      </div>
      <div className="dialog-actions">
        {progress.isOver ? (
          <>
            <Button onPress={download}>{t("bulk.download")}</Button>
            <Button look="main" onPress={onClose} autoFocus>
              {t("common.done")}
            </Button>
          </>
        ) : (
          <Button onPress={onStop}>{t("bulk.stop", { done: formatNumber(progress.done) })}</Button>
        )}
      </div>
    </>
  );
}
