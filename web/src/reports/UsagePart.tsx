import { useMemo } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { UsageDocument, type UsageFrameFragment, type UsageLineFragment, type UsageOrderField, type UsageQuery, type UsageQueryVariables } from "../api/generated/graphql.ts";
import { Choice, SearchInput } from "../design/fields.tsx";
import { Empty } from "../design/states.tsx";
import { formatDay, formatHours, formatMoment, formatNumber } from "../language/format.ts";
import { useText, type Key } from "../language/language.ts";
import { oneOf, readOrder, useAddress } from "../list/address.ts";
import { ListTable, type Column } from "../list/ListTable.tsx";
import { useWalk, type List } from "../list/walk.ts";
import { WalkStates } from "../list/WalkStates.tsx";
import { searchWords } from "../people/query.ts";
import { Chart, LINES, type Series } from "./Chart.tsx";
import { PeriodBar } from "./PeriodBar.tsx";
import { isAskable, lastDays, readPeriod, startsOf, type Asked } from "./period.ts";

const LIST: List<UsageQuery, UsageQueryVariables, UsageLineFragment> = { document: UsageDocument, read: (data) => data.account.usageReport?.rows };
const ORDERS: UsageOrderField[] = ["USER_NAME", "DAYS_USED", "SESSIONS", "MINUTES", "CREDITS_CONSUMED", "LAST_USED_ON"];
const MEASURES = ["activeUsers", "sessions", "hours", "creditsConsumed"] as const;
type Measure = (typeof MEASURES)[number];
const MEASURE_NAMES: Record<Measure, Key> = { activeUsers: "reports.activeUsers", sessions: "reports.sessions", hours: "reports.hours", creditsConsumed: "reports.credits" };
const now = Date.now();

/** How products were used: the sums, their course, and by whom. */
export function UsagePart() {
  const t = useText();
  const address = useAddress();
  const { params, change, typed, type } = address;
  const read = readPeriod(params, now);
  // What the server would refuse is not asked of it.
  const asked: Asked = isAskable(read.period) ? read : { ...read, period: lastDays(90, now) };
  const productId = params.get("product") ?? "";
  const measure = oneOf(params.get("show"), MEASURES) || "activeUsers";
  const search = searchWords(params.get("q") ?? "");
  const order = readOrder(params, ORDERS, { field: "DAYS_USED", isDescending: true });
  const walk = useWalk(LIST, {
    input: { period: asked.period, granularity: asked.by, productIds: productId ? [productId] : null },
    filter: search ? { search } : null,
    orderBy: { field: order.field, direction: order.isDescending ? "DESC" : "ASC" },
  });
  const [{ data }] = useQuery({ query: UsageDocument, variables: walk.asked[0] ?? ({} as UsageQueryVariables), pause: !walk.asked[0] });
  const report = data?.account.usageReport;
  const columns = useMemo((): Column<UsageLineFragment>[] => [
    {
      name: "person",
      label: t("people.column.person"),
      order: "USER_NAME",
      cell: ({ user }) => (
        <span className="cell-two">
          <Link href={`/people/${user.id}`} tabIndex={-1} className="person-name">
            {user.displayName}
          </Link>
          {user.displayName === user.email ? null : <span className="person-email">{user.email}</span>}
        </span>
      ),
    },
    { name: "product", label: t("bulk.product"), isMinor: true, cell: ({ product }) => <span className="clip">{product.name}</span> },
    { name: "days", label: t("reports.daysUsed"), order: "DAYS_USED", isNumber: true, cell: ({ daysUsed }) => formatNumber(daysUsed) },
    { name: "sessions", label: t("reports.sessions"), order: "SESSIONS", isMinor: true, isNumber: true, cell: ({ sessions }) => formatNumber(sessions) },
    { name: "hours", label: t("reports.hours"), order: "MINUTES", isMinor: true, isNumber: true, cell: ({ minutes }) => formatHours(minutes / 60) },
    { name: "credits", label: t("reports.credits"), order: "CREDITS_CONSUMED", isMinor: true, isNumber: true, cell: ({ creditsConsumed }) => formatNumber(Number(creditsConsumed)) },
    { name: "last", label: t("reports.lastUsed"), order: "LAST_USED_ON", isMinor: true, cell: ({ lastUsedOn }) => formatDay(lastUsedOn) },
  ], [t]);
  return (
    <>
      <PeriodBar asked={asked} address={address} products={data?.account.products?.nodes ?? []} productId={productId} hasGranularity>
        <Choice isLabelHidden label={t("reports.measure")} value={measure} onChange={(show) => change({ show: show === "activeUsers" ? "" : show })} options={MEASURES.map((value) => ({ value, label: t(MEASURE_NAMES[value]) }))} />
      </PeriodBar>
      {report?.summary && report.series ? <Course report={{ summary: report.summary, series: report.series, ...(report.asOf === undefined ? {} : { asOf: report.asOf }) }} asked={asked} measure={measure} /> : null}
      <div className="bar">
        <h2>{t("reports.byPerson")}</h2>
        <SearchInput label={t("people.search")} value={typed} onChange={type} />
      </div>
      <WalkStates walk={walk} empty={search ? <Empty title={t("people.noneMatch")} /> : <Empty title={t("reports.noUse")}>{t("reports.noUseAdvice")}</Empty>}>
        <div className="list-within">
          <ListTable list={LIST} walk={walk} label={t("reports.byPerson")} columns={columns} order={{ ...order, onOrder: (field) => change({ order: `${order.field === field ? (order.isDescending ? "" : "-") : field === "USER_NAME" ? "" : "-"}${field}` }) }} />
        </div>
      </WalkStates>
    </>
  );
}

type Report = Pick<UsageFrameFragment, "summary" | "series"> & { asOf?: UsageFrameFragment["asOf"] };

function Course({ report, asked, measure }: { report: Report; asked: Asked; measure: Measure }) {
  const t = useText();
  const starts = useMemo(() => startsOf(asked.period, asked.by), [asked.period, asked.by]);
  const series = useMemo((): Series[] => {
    const byProduct = new Map<string, Series>();
    for (const point of report.series) {
      const one = byProduct.get(point.product.id) ?? { name: point.product.name, values: starts.map(() => 0) };
      const place = starts.indexOf(point.startsOn);
      if (place >= 0) one.values[place] = Number(point[measure]);
      byProduct.set(point.product.id, one);
    }
    const sum = ({ values }: Series) => values.reduce((total, value) => total + value, 0);
    return [...byProduct.values()].sort((one, other) => sum(other) - sum(one));
  }, [report.series, starts, measure]);
  const { summary } = report;
  const figures: [Key, string][] = [
    ["reports.activeUsers", formatNumber(summary.activeUsers)],
    ["reports.inactiveUsers", formatNumber(summary.inactiveAssignedUsers)],
    ["reports.sessions", formatNumber(summary.sessions)],
    ["reports.hours", formatNumber(summary.hours)],
    ["reports.credits", formatNumber(Number(summary.creditsConsumed))],
  ];
  return (
    <section className="card report" aria-label={t("reports.course")}>
      <dl className="report-figures">
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt>{t(label)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {series.length > 0 ? (
        <Chart title={t(MEASURE_NAMES[measure])} unit={t(`reports.by.${asked.by}`)} labels={starts.map(formatDay)} series={series.slice(0, LINES)} format={formatNumber} />
      ) : null}
      {series.length > LINES ? <p className="note">{t("reports.mostUsed", { count: LINES })}</p> : null}
      <p className="note">
        {t("reports.from")} {formatDay(asked.period.from)} {t("reports.to")} {formatDay(asked.period.to)}
        {report.asOf ? ` · ${t("reports.asOf", { moment: formatMoment(report.asOf) })}` : ""}
      </p>
    </section>
  );
}
