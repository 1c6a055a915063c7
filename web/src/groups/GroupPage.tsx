import { useEffect, useMemo, useState } from "react";
import { useQuery } from "urql";
import { Link, useLocation } from "wouter";
import { GroupMembersDocument, type GroupMembersQuery, type GroupMembersQueryVariables, type UserOrderField } from "../api/generated/graphql.ts";
import { Button } from "../design/Button.tsx";
import { Choice, SearchInput } from "../design/fields.tsx";
import { Badge, Empty, Title } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { oneOf, readOrder, useAddress } from "../list/address.ts";
import { ListTable, type Column } from "../list/ListTable.tsx";
import { useWalk, type List } from "../list/walk.ts";
import { WalkStates } from "../list/WalkStates.tsx";
import { StatusBadge } from "../people/badges.tsx";
import { searchWords, STATUSES } from "../people/query.ts";
import { count, NOBODY, type Selection } from "../people/selection.ts";
import { useMay } from "../session/viewer.ts";
import { onDemand } from "../shell/later.ts";

const AddMembers = onDemand(() => import("./AddMembers.tsx").then(({ AddMembers }) => AddMembers));
const DeleteGroup = onDemand(() => import("./DeleteGroup.tsx").then(({ DeleteGroup }) => DeleteGroup));
const EditGroup = onDemand(() => import("./EditGroup.tsx").then(({ EditGroup }) => EditGroup));
const EquipGroup = onDemand(() => import("./EquipGroup.tsx").then(({ EquipGroup }) => EquipGroup));
const RemoveMembers = onDemand(() => import("./RemoveMembers.tsx").then(({ RemoveMembers }) => RemoveMembers));
const JobDialog = onDemand(() => import("../jobs/JobView.tsx").then(({ JobDialog }) => JobDialog));

export type Member = NonNullable<NonNullable<GroupMembersQuery["group"]>["members"]>["nodes"][number];
export type FullGroup = NonNullable<GroupMembersQuery["group"]>;
const LIST: List<GroupMembersQuery, GroupMembersQueryVariables, Member> = { document: GroupMembersDocument, read: (data) => data.group?.members };
const ORDERS: UserOrderField[] = ["DISPLAY_NAME", "STATUS"];
type Asked = "edit" | "delete" | "equip" | "add" | "remove";

/** One group: who is in it, and what it gives them. */
export function GroupPage({ id }: { id: string }) {
  const t = useText();
  const mayGroup = useMay("GROUPS_WRITE");
  const mayAssign = useMay("ASSIGNMENTS_WRITE");
  const [, navigate] = useLocation();
  const { params, change, typed, type } = useAddress();
  const search = searchWords(params.get("q") ?? "");
  const status = oneOf(params.get("status"), STATUSES);
  const order = readOrder(params, ORDERS, { field: "DISPLAY_NAME", isDescending: false });
  const filter = { ...(search ? { search } : {}), ...(status ? { status: [status] } : {}) };
  const walk = useWalk(LIST, { id, filter, orderBy: { field: order.field, direction: order.isDescending ? "DESC" : "ASC" } });
  // The head follows the cache: a change shows at once.
  const [{ data }] = useQuery({ query: GroupMembersDocument, variables: walk.asked[0] ?? { id, first: 0, withCount: false }, pause: !walk.asked[0] });
  const group = data?.group;
  const [selection, setSelection] = useState<Selection>(NOBODY);
  const [asked, setAsked] = useState<Asked | null>(null);
  const filterName = JSON.stringify(filter);
  // Who was picked out of one list is not meant in another.
  useEffect(() => setSelection(NOBODY), [filterName]);
  const total = walk.total ?? 0;
  const chosen = count(selection, total);
  const jobId = params.get("job");
  const columns = useMemo((): Column<Member>[] => [
    {
      name: "person",
      label: t("people.column.person"),
      order: "DISPLAY_NAME",
      cell: (person) => (
        <span className="cell-two">
          <Link href={`/people/${person.id}`} tabIndex={-1} className="person-name">
            {person.displayName}
          </Link>
          {person.displayName === person.email ? null : <span className="person-email">{person.email}</span>}
        </span>
      ),
    },
    { name: "status", label: t("people.column.status"), order: "STATUS", cell: (person) => <StatusBadge person={person} /> },
  ], [t]);
  if (walk.isAbsent) {
    return (
      <>
        <Title>{t("groups.title")}</Title>
        <Empty title={t("groups.absent")} action={<Link href="/groups">{t("groups.all")}</Link>} />
      </>
    );
  }
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
  const gives = group?.subscriptions ?? [];
  return (
    <div className="full">
      <div className="head">
        <div>
          <Link href="/groups" className="crumb">
            {t("groups.title")}
          </Link>
          <Title>{group?.name ?? t("groups.title")}</Title>
          {group?.description ? <p>{group.description}</p> : null}
        </div>
        {group && mayGroup ? (
          <div className="actions">
            <Button isSmall onPress={() => setAsked("edit")}>
              {t("groups.edit")}
            </Button>
            <Button isSmall look="harm" onPress={() => setAsked("delete")}>
              {t("groups.delete")}
            </Button>
          </div>
        ) : null}
      </div>
      {group ? (
        <section className="card group-gives" aria-label={t("groups.gives")}>
          <h2>{t("groups.gives")}</h2>
          {gives.length === 0 ? (
            <p className="note">{t("groups.givesNothing")}</p>
          ) : (
            <ul className="actions">
              {gives.map((subscription) => (
                <li key={subscription.id}>
                  <Badge tone="accent">{subscription.product.name}</Badge>
                </li>
              ))}
            </ul>
          )}
          {mayAssign ? (
            <Button isSmall onPress={() => setAsked("equip")}>
              {t("groups.equip")}
            </Button>
          ) : null}
        </section>
      ) : null}
      <div className="bar">
        <SearchInput label={t("people.search")} value={typed} onChange={type} />
        <Choice
          isLabelHidden
          label={t("people.column.status")}
          value={status || "any"}
          onChange={(value) => change({ status: value === "any" ? "" : value })}
          options={[{ value: "any", label: t("people.anyStatus") }, ...STATUSES.map((one) => ({ value: one, label: t(`status.${one}`) }))]}
        />
        {group ? <p role="status">{t("people.count", { count: total })}</p> : null}
        {group && mayGroup ? (
          <div className="actions">
            <Button isSmall look="main" onPress={() => setAsked("add")}>
              {t("groups.add")}
            </Button>
          </div>
        ) : null}
      </div>
      {chosen > 0 ? (
        <div className="bulk" role="region" aria-label={t("bulk.label")}>
          <span role="status">{t("bulk.selected", { count: chosen })}</span>
          <Button look="bare" isSmall onPress={() => setSelection(NOBODY)}>
            {t("bulk.clear")}
          </Button>
          <span className="bulk-actions">
            <Button isSmall look="harm" onPress={() => setAsked("remove")}>
              {t("bulk.leave")}
            </Button>
          </span>
        </div>
      ) : null}
      <WalkStates walk={walk} empty={search || status ? <Empty title={t("people.noneMatch")} /> : <Empty title={t("groups.nobody")}>{t("groups.nobodyAdvice")}</Empty>}>
        <ListTable
          list={LIST}
          walk={walk}
          label={t("groups.members")}
          columns={columns}
          order={{ ...order, onOrder: (field) => change({ order: `${order.field === field && !order.isDescending ? "-" : ""}${field}` }) }}
          {...(mayGroup ? { pick: { selection, onSelect: setSelection, itemOf: (person: Member) => person } } : {})}
          onOpen={(person) => navigate(`/people/${person.id}`)}
        />
      </WalkStates>
      {group && asked === "edit" ? <EditGroup group={group} onClose={() => close()} /> : null}
      {group && asked === "delete" ? <DeleteGroup group={group} onClose={() => close()} /> : null}
      {group && asked === "equip" ? <EquipGroup group={group} onClose={() => close()} /> : null}
      {group && asked === "add" ? <AddMembers group={group} onClose={close} onJob={follow} /> : null}
      {group && asked === "remove" ? <RemoveMembers group={group} selection={selection} filter={{ ...filter, groupId: id }} matching={total} onClose={close} onJob={follow} /> : null}
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
