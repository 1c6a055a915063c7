import { useEffect, useRef, useState } from "react";
import { useQuery, useSubscription } from "urql";
import { CancelJobDocument, FollowJobDocument, JobDocument, type JobStateFragment } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import { troubleOf, type Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Badge, Empty, Failure, Refusals, sayRefusal, Skeleton, TroubleLine, type Tone } from "../design/states.tsx";
import { nameOf, useText } from "../language/language.ts";

const OVER: JobStateFragment["status"][] = ["SUCCEEDED", "SUCCEEDED_WITH_ERRORS", "FAILED", "CANCELLED", "UNDONE"];
const TONES: Partial<Record<string, Tone>> = { APPLIED: "good", WAITLISTED: "wait", FAILED: "bad" };

export const isOver = ({ status }: { status: JobStateFragment["status"] }) => OVER.includes(status);

/** Something that the server does for many people, followed while it lasts: it goes on when the dialog is closed or the page is left. */
export function JobDialog({ id, onClose }: { id: string; onClose: (isDone: boolean) => void }) {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: JobDocument, variables: { id }, requestPolicy: "cache-and-network" });
  const job = data?.bulkJob;
  const retry = () => again({ requestPolicy: "network-only" });
  return (
    <Dialog title={job ? t(`job.${job.action}`) : t("job.title")} isOpen onClose={() => onClose(job ? isOver(job) : true)}>
      {job ? (
        <Followed job={job} items={job.items} onOver={retry} onClose={onClose} />
      ) : (
        <>
          {error ? <Failure trouble={troubleOf(error)} onRetry={retry} /> : fetching ? <Skeleton /> : <Empty title={t("job.absent")} />}
          <div className="dialog-actions">
            <Button onPress={() => onClose(true)}>{t("common.close")}</Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

interface FollowedProps {
  job: JobStateFragment;
  items: { nodes: readonly { id: string; user: { displayName: string }; userErrors: readonly Refusal[] }[]; pageInfo: { hasNextPage: boolean } };
  onOver: () => void;
  onClose: (isDone: boolean) => void;
}

function Followed({ job, items, onOver, onClose }: FollowedProps) {
  const t = useText();
  const change = useChange();
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const isDone = isOver(job);
  // What it tells is written over the job in the cache; the dialog is drawn from there.
  useSubscription({ query: FollowJobDocument, variables: { id: job.id }, pause: isDone });
  const wasDone = useRef(isDone);
  // Who failed is read at the end.
  useEffect(() => {
    if (!wasDone.current && isDone) onOver();
    wasDone.current = isDone;
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once
  }, [isDone]);
  const stop = async () => {
    const { data, trouble: failed } = await change(CancelJobDocument, { input: { bulkJobId: job.id } });
    setTrouble(failed);
    setRefusals(data?.cancelBulkJob?.userErrors ?? []);
  };
  const total = job.progress.total ?? 0;
  return (
    <>
      <div className="dialog-body">
        <progress className="progress" max={100} value={isDone ? 100 : job.progress.percent} aria-label={t("bulk.progress")} />
        <p role="status">{isDone ? t(`job.over.${job.status === "FAILED" || job.status === "CANCELLED" ? job.status : "DONE"}`) : t("bulk.running", { done: job.progress.processed, total })}</p>
        {isDone ? null : <p className="note">{t("job.goesOn")}</p>}
        <ul className="tally">
          {job.outcomeCounts.map(({ outcome, count }) => (
            <li key={outcome}>
              <Badge tone={count > 0 ? (TONES[outcome] ?? "quiet") : "quiet"}>{t("job.outcome", { count, what: nameOf("job.outcomes", outcome) })}</Badge>
            </li>
          ))}
        </ul>
        {job.failure ? <Refusals errors={[job.failure]} /> : null}
        <TroubleLine trouble={trouble} />
        <Refusals errors={refusals} />
        {items.nodes.length > 0 ? (
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to
          <div className="outcomes" tabIndex={0} role="region" aria-label={t("bulk.failures")}>
            <ul>
              {items.nodes.map((item) => (
                <li key={item.id}>
                  <strong>{item.user.displayName}</strong> <span>{item.userErrors.map(sayRefusal).join(" ")}</span>
                </li>
              ))}
            </ul>
            {items.pageInfo.hasNextPage ? <p className="soft">{t("job.firstFailed", { count: items.nodes.length })}</p> : null}
          </div>
        ) : null}
      </div>
      <div className="dialog-actions">
        {job.isCancellable ? <Button onPress={() => void stop()}>{t("job.stop")}</Button> : null}
        <Button look="main" onPress={() => onClose(isDone)} autoFocus>
          {isDone ? t("common.done") : t("job.later")}
        </Button>
      </div>
    </>
  );
}
