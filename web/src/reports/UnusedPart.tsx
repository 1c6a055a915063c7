import { useMemo } from "react";
import { useQuery } from "urql";
import { Link, useLocation } from "wouter";
import { UnusedSeatsDocument, type UnusedSeatFragment, type UnusedSeatsQuery, type UnusedSeatsQueryVariables } from "../api/generated/graphql.ts";
import { Empty } from "../design/states.tsx";
import { formatDay } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { useAddress } from "../list/address.ts";
import { ListTable, type Column } from "../list/ListTable.tsx";
import { useWalk, type List } from "../list/walk.ts";
import { WalkStates } from "../list/WalkStates.tsx";
import { PeriodBar } from "./PeriodBar.tsx";
import { isAskable, lastDays, readPeriod, type Asked } from "./period.ts";

const LIST: List<UnusedSeatsQuery, UnusedSeatsQueryVariables, UnusedSeatFragment> = { document: UnusedSeatsDocument, read: (data) => data.account.usageReport?.inactiveSeats };
const now = Date.now();

/** Seats of people who had them all through the period and used them on no day of it. */
export function UnusedPart() {
  const t = useText();
  const address = useAddress();
  const [, navigate] = useLocation();
  const { params } = address;
  const read = readPeriod(params, now);
  const asked: Asked = isAskable(read.period) ? read : { ...read, period: lastDays(90, now) };
  const productId = params.get("product") ?? "";
  const walk = useWalk(LIST, { input: { period: asked.period, productIds: productId ? [productId] : null } });
  const [{ data }] = useQuery({ query: UnusedSeatsDocument, variables: walk.asked[0] ?? ({} as UnusedSeatsQueryVariables), pause: !walk.asked[0] });
  const columns = useMemo((): Column<UnusedSeatFragment>[] => [
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
    { name: "product", label: t("bulk.product"), cell: ({ product }) => <span className="clip">{product.name}</span> },
    { name: "last", label: t("reports.lastUsed"), cell: ({ lastUsedOn }) => (lastUsedOn ? formatDay(lastUsedOn) : <span className="soft">{t("people.never")}</span>) },
    { name: "since", label: t("products.since"), isMinor: true, cell: ({ assignedAt }) => formatDay(assignedAt) },
  ], [t]);
  return (
    <>
      <p className="note">{t("reports.unusedAdvice")}</p>
      <PeriodBar asked={asked} address={address} products={data?.account.products?.nodes ?? []} productId={productId} hasGranularity={false}>
        {walk.total === null ? null : <p role="status">{t("reports.unusedCount", { count: walk.total })}</p>}
      </PeriodBar>
      <WalkStates walk={walk} empty={<Empty title={t("reports.allUsed")} />}>
        <ListTable list={LIST} walk={walk} label={t("reports.unused")} columns={columns} onOpen={({ product, user }) => navigate(`/people/${user.id}?product=${product.id}`)} />
      </WalkStates>
    </>
  );
}
