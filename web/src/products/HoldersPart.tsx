import { useEffect, useMemo, useState } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { HoldersDocument, type AssignmentOrderField, type HeldSeatFragment, type HoldersQuery, type HoldersQueryVariables } from "../api/generated/graphql.ts";
import { Button } from "../design/Button.tsx";
import { Choice, SearchInput } from "../design/fields.tsx";
import { Empty } from "../design/states.tsx";
import { formatDay } from "../language/format.ts";
import { nameOf, useText } from "../language/language.ts";
import { oneOf, readOrder, useAddress } from "../list/address.ts";
import { ListTable, type Column } from "../list/ListTable.tsx";
import { useWalk, type List } from "../list/walk.ts";
import { WalkStates } from "../list/WalkStates.tsx";
import { StatusBadge } from "../people/badges.tsx";
import { searchWords, STATUSES } from "../people/query.ts";
import { count, EVERYBODY, NOBODY, type Selection } from "../people/selection.ts";
import { useMay } from "../session/viewer.ts";
import { onDemand } from "../shell/later.ts";
import { Lapsed } from "./Lapsed.tsx";
import { Absent, ProductTop } from "./ProductPage.tsx";

const AssignDialog = onDemand(() => import("./AssignDialog.tsx").then(({ AssignDialog }) => AssignDialog));
const SeatDialog = onDemand(() => import("./SeatDialog.tsx").then(({ SeatDialog }) => SeatDialog));
const TakeDialog = onDemand(() => import("./TakeDialog.tsx").then(({ TakeDialog }) => TakeDialog));
const JobDialog = onDemand(() => import("../jobs/JobView.tsx").then(({ JobDialog }) => JobDialog));

const LIST: List<HoldersQuery, HoldersQueryVariables, HeldSeatFragment> = { document: HoldersDocument, read: (data) => data.product?.assignments };
const ORDERS: AssignmentOrderField[] = ["USER_NAME", "ASSIGNED_AT"];

/** Who has it. */
export function HoldersPart({ id }: { id: string }) {
  const t = useText();
  const mayAssign = useMay("ASSIGNMENTS_WRITE");
  const { params, change, typed, type } = useAddress();
  const search = searchWords(params.get("q") ?? "");
  const status = oneOf(params.get("status"), STATUSES);
  const order = readOrder(params, ORDERS, { field: "USER_NAME", isDescending: false });
  const filter = { ...(search ? { search } : {}), ...(status ? { userStatus: [status] } : {}) };
  const walk = useWalk(LIST, { id, filter, orderBy: { field: order.field, direction: order.isDescending ? "DESC" : "ASC" } });
  const [{ data }] = useQuery({ query: HoldersDocument, variables: walk.asked[0] ?? { id, first: 0, withCount: false }, pause: !walk.asked[0] });
  const product = data?.product;
  const [selection, setSelection] = useState<Selection>(NOBODY);
  const [asked, setAsked] = useState<"assign" | "take" | null>(null);
  const [seat, setSeat] = useState<HeldSeatFragment | null>(null);
  const filterName = JSON.stringify(filter);
  // Who was picked out of one list is not meant in another.
  useEffect(() => setSelection(NOBODY), [filterName]);
  const total = walk.total ?? 0;
  const chosen = count(selection, total);
  const jobId = params.get("job");
  const head = product?.name === undefined ? null : (product as NonNullable<typeof product> & Parameters<typeof ProductTop>[0]["product"]);
  const columns = useMemo((): Column<HeldSeatFragment>[] => [
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
    { name: "status", label: t("people.column.status"), cell: (seat) => (seat.isLapsed ? <Lapsed seat={seat} /> : <StatusBadge person={seat.user} />) },
    {
      name: "parts",
      label: t("products.components"),
      isMinor: true,
      cell: ({ components }) => (
        <span className="soft clip">
          {components
            .filter(({ isEnabled }) => isEnabled)
            .map(({ component }) => component.name)
            .join(", ") || "–"}
        </span>
      ),
    },
    { name: "source", label: t("products.source"), isMinor: true, cell: ({ source, groups }) => <span className="soft clip">{groups && groups.length > 0 ? groups.map(({ name }) => name).join(", ") : nameOf("source", source)}</span> },
    {
      name: "since",
      label: t("products.since"),
      order: "ASSIGNED_AT",
      isMinor: true,
      cell: ({ assignedAt, expiresOn }) => (
        <span className="cell-two">
          <span>{formatDay(assignedAt)}</span>
          {expiresOn ? <span className="person-email">{t("products.ends", { day: formatDay(expiresOn) })}</span> : null}
        </span>
      ),
    },
  ], [t]);
  if (walk.isAbsent) return <Absent />;
  const close = (isDone = false) => {
    setAsked(null);
    if (!isDone) return;
    setSelection(NOBODY);
    walk.again();
  };
  const follow = (job: string) => {
    setAsked(null);
    setSelection(NOBODY);
    change({ job });
  };
  return (
    <div className="full">
      <ProductTop id={id} part="" product={head} waiting={data?.account?.waitlist?.totalCount ?? null} forecast={data?.seatForecast ?? null} />
      <div className="bar">
        <SearchInput label={t("people.search")} value={typed} onChange={type} />
        <Choice
          isLabelHidden
          label={t("people.column.status")}
          value={status || "any"}
          onChange={(value) => change({ status: value === "any" ? "" : value })}
          options={[{ value: "any", label: t("people.anyStatus") }, ...STATUSES.filter((one) => one !== "DISABLED").map((one) => ({ value: one, label: t(`status.${one}`) }))]}
        />
        {walk.total === null ? null : <p role="status">{t("products.holders", { count: total })}</p>}
        {mayAssign && head ? (
          <div className="actions">
            <Button isSmall look="main" onPress={() => setAsked("assign")}>
              {t("products.assign")}
            </Button>
          </div>
        ) : null}
      </div>
      {chosen > 0 ? (
        <div className="bulk" role="region" aria-label={t("bulk.label")}>
          <span role="status">{t("bulk.selected", { count: chosen })}</span>
          {selection.kind === "some" && chosen < total ? (
            <Button look="bare" isSmall onPress={() => setSelection(EVERYBODY)}>
              {t("bulk.selectAll", { count: total })}
            </Button>
          ) : null}
          <Button look="bare" isSmall onPress={() => setSelection(NOBODY)}>
            {t("bulk.clear")}
          </Button>
          <span className="bulk-actions">
            <Button isSmall look="harm" onPress={() => setAsked("take")}>
              {t("bulk.take")}
            </Button>
          </span>
        </div>
      ) : null}
      <WalkStates walk={walk} empty={search || status ? <Empty title={t("people.noneMatch")} /> : <Empty title={t("products.nobody")} />}>
        <ListTable
          list={LIST}
          walk={walk}
          label={t("products.who")}
          columns={columns}
          order={{ ...order, onOrder: (field) => change({ order: `${order.field === field && !order.isDescending ? "-" : ""}${field}` }) }}
          {...(mayAssign ? { pick: { selection, onSelect: setSelection, itemOf: ({ user }: HeldSeatFragment) => user } } : {})}
          onOpen={setSeat}
        />
      </WalkStates>
      {head && asked === "assign" ? <AssignDialog id={id} product={head} onClose={close} onJob={follow} /> : null}
      {head && asked === "take" ? (
        <TakeDialog product={head} id={id} selection={selection} matching={total} filter={{ ...(search ? { search } : {}), ...(status ? { status: [status] } : {}), productId: id }} onClose={close} onJob={follow} />
      ) : null}
      {head && seat ? (
        <SeatDialog
          seat={seat}
          id={id}
          product={head}
          mayAssign={mayAssign}
          onClose={(isGone) => {
            setSeat(null);
            if (isGone) walk.again();
          }}
        />
      ) : null}
      {jobId ? (
        <JobDialog
          id={jobId}
          onClose={() => {
            change({ job: "" });
            walk.again();
          }}
        />
      ) : null}
    </div>
  );
}
