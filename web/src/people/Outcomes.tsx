import { Button } from "../design/Button.tsx";
import { Badge, Refusals, sayRefusal, TroubleLine } from "../design/states.tsx";
import { formatNumber } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { asCsv, tally, type PersonOutcome, type Progress } from "./portions.ts";

const SHOWN = 100;

/** A change for many, done by this page in portions: how far it is, and what became of whom. */
export function Outcomes({ progress, onStop, onClose }: { progress: Progress; onStop: () => void; onClose: () => void }) {
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
