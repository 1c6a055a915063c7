import { useQuery } from "urql";
import { OwnUsageDocument, type OwnUsageQuery } from "../api/generated/graphql.ts";
import { troubleOf } from "../api/trouble.ts";
import { Choice } from "../design/fields.tsx";
import { Empty, Failure, Skeleton } from "../design/states.tsx";
import { formatDay, formatHours, formatNumber } from "../language/format.ts";
import { useText, type Key } from "../language/language.ts";
import { useAddress } from "../list/address.ts";
import { lastDays } from "../reports/period.ts";
import { useViewer } from "../session/viewer.ts";
import { sumUp } from "./sums.ts";

const PERIODS = ["30", "90", "365"] as const;
type Period = (typeof PERIODS)[number];
const NAMES: Record<Period, Key> = { "30": "reports.last30", "90": "reports.last90", "365": "reports.last365" };
const now = Date.now();

/** What one used oneself, and the credits that consumed. Use is told on the premium plan, credits on every one. */
export function OwnUsage() {
  const t = useText();
  const { params, change } = useAddress();
  const withUsage = useViewer().account.plan === "PREMIUM";
  const days = PERIODS.find((one) => one === params.get("days")) ?? "90";
  const period = lastDays(Number(days), now);
  const [{ data, error, fetching }, again] = useQuery({ query: OwnUsageDocument, variables: { period, withUsage }, requestPolicy: "cache-and-network" });
  const user = data?.viewer?.user;
  return (
    <>
      <div className="bar">
        <Choice isLabelHidden label={t("reports.period")} value={days} onChange={(next) => change({ days: next === "90" ? "" : next })} options={PERIODS.map((value) => ({ value, label: t(NAMES[value]) }))} />
      </div>
      {user ? <Sums user={user} withUsage={withUsage} /> : error ? <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} /> : fetching ? <Skeleton lines={6} /> : null}
    </>
  );
}

function Sums({ user, withUsage }: { user: NonNullable<OwnUsageQuery["viewer"]>["user"]; withUsage: boolean }) {
  const t = useText();
  const lines = sumUp(user.usage ?? [], user.creditsConsumed?.products ?? []);
  if (lines.length === 0) return <Empty title={t("reports.noUse")}>{t("me.noUse")}</Empty>;
  return (
    <section className="card me-part" aria-label={t("me.usage")}>
      <dl className="me-figures">
        {withUsage ? (
          <div>
            <dt>{t("reports.hours")}</dt>
            <dd>{formatHours(lines.reduce((sum, { minutes }) => sum + minutes, 0) / 60)}</dd>
          </div>
        ) : null}
        <div>
          <dt>{t("reports.credits")}</dt>
          <dd>{formatNumber(Number(user.creditsConsumed?.total ?? 0))}</dd>
        </div>
      </dl>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
      <div className="scroll-x" tabIndex={0} role="region" aria-label={t("me.byProduct")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("bulk.product")}</th>
              {withUsage ? (
                <>
                  <th scope="col" className="number">{t("reports.daysUsed")}</th>
                  <th scope="col" className="number">{t("reports.sessions")}</th>
                  <th scope="col" className="number">{t("reports.hours")}</th>
                </>
              ) : null}
              <th scope="col" className="number">{t("reports.credits")}</th>
              <th scope="col">{t("reports.lastUsed")}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.id}>
                <th scope="row">{line.name}</th>
                {withUsage ? (
                  <>
                    <td className="number">{formatNumber(line.daysUsed)}</td>
                    <td className="number">{formatNumber(line.sessions)}</td>
                    <td className="number">{formatHours(line.minutes / 60)}</td>
                  </>
                ) : null}
                <td className="number">{formatNumber(line.credits)}</td>
                <td>{formatDay(line.lastUsedOn)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
