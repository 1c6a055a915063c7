import { useEffect, useRef, useState } from "react";
import { useQuery, useSubscription } from "urql";
import { Link } from "wouter";
import { CancelImportDocument, ConfirmImportDocument, FollowImportDocument, ImportDocument, UndoImportDocument, type ImportQuery } from "../api/generated/graphql.ts";
import { useChange, type Changed, type Refusal } from "../api/change.ts";
import { troubleOf, type Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Confirm } from "../design/Dialog.tsx";
import { Badge, Empty, Failure, Refusals, sayRefusal, Skeleton, Title, TroubleLine } from "../design/states.tsx";
import { formatList, formatNumber, formatPercent } from "../language/format.ts";
import { nameOf, useText } from "../language/language.ts";
import { ABOUT_COLUMNS, ImportColumns } from "./ImportColumns.tsx";
import { ImportPreview } from "./ImportPreview.tsx";
import { ImportRows } from "./ImportRows.tsx";
import { isUnderWay, stageOf, STAGE_TONES, toneOf } from "./phases.ts";

export type FullImport = NonNullable<ImportQuery["import"]>;

export function ImportPage({ id }: { id: string }) {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: ImportDocument, variables: { id }, requestPolicy: "cache-and-network" });
  const one = data?.import;
  const retry = () => again({ requestPolicy: "network-only" });
  if (!one) {
    return (
      <>
        <Title>{t("imports.title")}</Title>
        {error ? <Failure trouble={troubleOf(error)} onRetry={retry} /> : fetching ? <Skeleton lines={6} /> : <Empty title={t("imports.absent")} action={<Link href="/imports">{t("imports.back")}</Link>} />}
      </>
    );
  }
  return <Followed one={one} onOver={retry} />;
}

function Followed({ one, onOver }: { one: FullImport; onOver: () => void }) {
  const t = useText();
  const stage = stageOf(one);
  const isRunning = isUnderWay(stage);
  // What it tells is written over the import in the cache; the page is drawn from there, after a reload as before it.
  useSubscription({ query: FollowImportDocument, variables: { id: one.id, after: one.progress.sequence }, pause: !isRunning });
  const wasRunning = useRef(isRunning);
  // A step was reached: what it found (preview, rows, report) is read.
  useEffect(() => {
    if (wasRunning.current && !isRunning) onOver();
    wasRunning.current = isRunning;
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once a step
  }, [isRunning]);
  return (
    <>
      <div className="head">
        <div>
          <Link href="/imports" className="crumb">
            {t("imports.title")}
          </Link>
          <Title>{one.filename}</Title>
          {one.kind === "USERS" ? null : <p>{t(`imports.does.${one.kind}`, { products: formatList(one.sources.map(({ product }) => product.name)) })}</p>}
        </div>
        <Badge tone={STAGE_TONES[stage]}>{t(`imports.stage.${stage}`)}</Badge>
      </div>
      {isRunning ? <Running one={one} /> : null}
      {stage === "waiting" ? <ImportPreview one={one} /> : null}
      <Steps one={one} onOver={onOver} />
      {one.failure ? (
        <p className="notice notice-bad" role="alert">
          {sayRefusal(one.failure)}
        </p>
      ) : null}
      {one.failure && ABOUT_COLUMNS.includes(one.failure.code) ? <ImportColumns one={one} /> : null}
      {stage !== "waiting" && !isRunning ? <Outcomes one={one} /> : null}
      {isRunning ? null : <ImportRows one={one} />}
    </>
  );
}

function Running({ one }: { one: FullImport }) {
  const t = useText();
  const { progress } = one;
  const total = progress.total ?? 0;
  return (
    <section className="card import-part" aria-label={t("imports.progress")}>
      <progress className="progress" max={100} value={progress.percent} aria-label={t("imports.progress")} />
      <div className="import-numbers">
        <p role="status">{nameOf("imports.phase", progress.phase)}</p>
        <p>{total > 0 ? t("imports.processed", { done: progress.processed, total }) : formatPercent(progress.percent / 100)}</p>
      </div>
      {progress.fileStoreAwaySince ? <p className="notice notice-wait">{t("imports.storeAway")}</p> : null}
      <p className="note">{t("imports.goesOn")}</p>
    </section>
  );
}

function Outcomes({ one }: { one: FullImport }) {
  const t = useText();
  if (one.outcomeCounts.length === 0) return null;
  return (
    <section className="card import-part">
      <h2>{t("imports.outcome")}</h2>
      <ul className="counts">
        {one.outcomeCounts.map(({ outcome, count }) => (
          <li key={outcome}>
            <strong>{formatNumber(count)}</strong>
            <Badge tone={toneOf(outcome)}>{nameOf("outcome", outcome)}</Badge>
          </li>
        ))}
      </ul>
      {one.undo ? <p>{t("imports.undoCounts", { undone: one.undo.undoneCount, left: one.undo.leftCount })}</p> : null}
      {one.errorReport ? (
        <p>
          <a href={one.errorReport.url} className="button button-small" download={one.errorReport.filename}>
            {t("imports.report")}
          </a>{" "}
          <span className="note">{t("imports.reportHelp")}</span>
        </p>
      ) : null}
    </section>
  );
}

/** What can be done about it now. */
function Steps({ one, onOver }: { one: FullImport; onOver: () => void }) {
  const t = useText();
  const change = useChange();
  const stage = stageOf(one);
  const [isAsked, setAsked] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const input = { importId: one.id };
  const take = async <Data,>(work: () => Promise<Changed<Data>>, errors: (data: Data) => readonly Refusal[] | undefined) => {
    setBusy(true);
    const { data, trouble: failed } = await work();
    setBusy(false);
    setAsked(false);
    setTrouble(failed);
    const refused = data ? (errors(data) ?? []) : [];
    setRefusals(refused);
    if (!failed && refused.length > 0) onOver();
  };
  const confirm = () => void take(() => change(ConfirmImportDocument, { input }), (data) => data.confirmImport?.userErrors);
  const cancel = () => void take(() => change(CancelImportDocument, { input }), (data) => data.cancelImport?.userErrors);
  const undo = () => void take(() => change(UndoImportDocument, { input }), (data) => data.undoImport?.userErrors);
  const isUndoable = (stage === "done" || stage === "doneWithErrors" || (stage === "cancelled" && one.progress.succeeded > 0)) && !one.undo && one.progress.succeeded > 0;
  const willDo = (one.preview?.outcomeCounts ?? []).some(({ outcome, count }) => count > 0 && !["FAILED", "UNCHANGED", "DUPLICATE", "NOT_PROCESSED"].includes(outcome));
  return (
    <div className="form">
      <TroubleLine trouble={trouble} />
      <Refusals errors={refusals} />
      <div className="actions">
        {stage === "waiting" ? (
          <Button look="main" isPending={isBusy} isDisabled={!willDo} onPress={confirm} autoFocus>
            {t("imports.confirm")}
          </Button>
        ) : null}
        {one.isCancellable ? (
          <Button look="harm" isDisabled={isBusy} onPress={cancel}>
            {stage === "waiting" ? t("imports.discard") : t("imports.stop")}
          </Button>
        ) : null}
        {isUndoable ? (
          <Button look="harm" onPress={() => setAsked(true)}>
            {t("imports.undo")}
          </Button>
        ) : null}
      </div>
      <Confirm title={t("imports.undo")} isOpen={isAsked} isHarm isBusy={isBusy} action={t("imports.undo")} cancel={t("common.cancel")} onConfirm={undo} onClose={() => setAsked(false)}>
        <p>{t("imports.undoAdvice")}</p>
      </Confirm>
    </div>
  );
}
