import { useState } from "react";
import { useClient, useQuery, useSubscription } from "urql";
import { CancelExportDocument, ExportLinkDocument, ExportsDocument, FollowExportDocument, type ExportsQuery } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import { troubleOf, type Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Badge, Empty, Failure, Refusals, sayRefusal, Skeleton, TroubleLine, type Tone } from "../design/states.tsx";
import { formatMoment, formatNumber } from "../language/format.ts";
import { nameOf, useText } from "../language/language.ts";
import { NewExport } from "./NewExport.tsx";

type Export = NonNullable<ExportsQuery["account"]["exports"]>["nodes"][number];
const PAGE = 25;
const RUNNING: Export["status"][] = ["QUEUED", "RUNNING", "CANCELLING"];
const TONES: Partial<Record<Export["status"], Tone>> = { SUCCEEDED: "good", FAILED: "bad", CANCELLED: "quiet" };

/** Files of what the account has: ordered, followed, fetched. */
export function ExportsPart() {
  const t = useText();
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  return (
    <>
      <NewExport />
      <section className="former-exports">
        <h2>{t("exports.former")}</h2>
        <div className="card scroll-x">
          {cursors.map((after, place) => (
            <ExportsPage key={after ?? ""} after={after} isFirst={place === 0} onMore={place === cursors.length - 1 ? (next) => setCursors([...cursors, next]) : null} />
          ))}
        </div>
      </section>
    </>
  );
}

function ExportsPage({ after, isFirst, onMore }: { after: string | null; isFirst: boolean; onMore: ((next: string | null) => void) | null }) {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: ExportsDocument, variables: { first: PAGE, after }, requestPolicy: "cache-and-network" });
  const page = data?.account.exports;
  if (!page) {
    if (error) return <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />;
    return fetching ? <Skeleton lines={3} /> : null;
  }
  if (isFirst && page.nodes.length === 0) return <Empty title={t("exports.none")}>{t("exports.noneAdvice")}</Empty>;
  return (
    <>
      <table className="table">
        <thead className={isFirst ? undefined : "unseen"}>
          <tr>
            <th scope="col">{t("exports.kind")}</th>
            <th scope="col">{t("people.column.status")}</th>
            <th scope="col" className="number">
              {t("imports.rows")}
            </th>
            <th scope="col">{t("imports.by")}</th>
            <th scope="col">{t("imports.when")}</th>
            <th scope="col">
              <span className="unseen">{t("exports.steps")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {page.nodes.map((one) => (
            <Line key={one.id} one={one} />
          ))}
        </tbody>
      </table>
      {onMore && page.pageInfo.hasNextPage ? (
        <div className="more">
          <Button isSmall onPress={() => onMore(page.pageInfo.endCursor ?? null)}>
            {t("common.more")}
          </Button>
        </div>
      ) : null}
    </>
  );
}

function Line({ one }: { one: Export }) {
  const t = useText();
  const client = useClient();
  const change = useChange();
  const [opened] = useState(Date.now);
  const isRunning = RUNNING.includes(one.status);
  // What it tells is written over the export in the cache; the line is drawn from there.
  useSubscription({ query: FollowExportDocument, variables: { id: one.id }, pause: !isRunning });
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const isThere = one.status === "SUCCEEDED" && (!one.filesExpireAt || Date.parse(one.filesExpireAt) > opened);
  const what = `${nameOf("exports.kind", one.kind)}, ${formatMoment(one.createdAt)}`;
  // A link is good for five minutes and stands in the audit log: it is asked for when somebody wants the file.
  const fetch = async () => {
    setBusy(true);
    const { data, error } = await client.query(ExportLinkDocument, { id: one.id }, { requestPolicy: "network-only" }).toPromise();
    setBusy(false);
    setTrouble(error ? troubleOf(error) : null);
    const link = data?.export?.download;
    if (link) Object.assign(document.createElement("a"), { href: link.url, download: link.filename }).click();
    else if (!error) setRefusals([{ code: "", message: t("exports.notYours") }]);
  };
  const stop = async () => {
    const { data, trouble: failed } = await change(CancelExportDocument, { input: { exportId: one.id } });
    setTrouble(failed);
    setRefusals(data?.cancelExport?.userErrors ?? []);
  };
  return (
    <tr>
      <td>
        {nameOf("exports.kind", one.kind)} <span className="note">{one.format}</span>
        <TroubleLine trouble={trouble} />
        <Refusals errors={refusals} />
      </td>
      <td>
        {isRunning ? (
          <>
            <progress className="progress" max={100} value={one.progress.percent} aria-label={t("exports.progress", { what })} />
            <span className="note">{one.progress.total ? t("imports.processed", { done: one.progress.processed, total: one.progress.total }) : nameOf("exports.status", one.status)}</span>
          </>
        ) : (
          <Badge tone={TONES[one.status] ?? "quiet"}>{nameOf("exports.status", one.status)}</Badge>
        )}
        {one.failure ? <p className="note">{sayRefusal(one.failure)}</p> : null}
      </td>
      <td className="number">{one.rowCount === null || one.rowCount === undefined ? "–" : formatNumber(one.rowCount)}</td>
      <td>{one.createdBy?.displayName ?? "–"}</td>
      <td className="soft">{formatMoment(one.createdAt)}</td>
      <td>
        {isThere ? (
          <Button isSmall isPending={isBusy} aria-label={t("exports.downloadThis", { what })} onPress={() => void fetch()}>
            {t("exports.download")}
          </Button>
        ) : null}
        {one.status === "SUCCEEDED" && !isThere ? <span className="note">{t("exports.gone")}</span> : null}
        {isRunning && one.isCancellable ? (
          <Button isSmall look="harm" aria-label={t("exports.stopThis", { what })} onPress={() => void stop()}>
            {t("imports.stop")}
          </Button>
        ) : null}
      </td>
    </tr>
  );
}
