import { useMemo } from "react";
import { Link } from "wouter";
import { PeoplePageDocument, type PeoplePageQuery, type PeoplePageQueryVariables, type PersonRowFragment, type UserOrderField } from "../api/generated/graphql.ts";
import { Badge } from "../design/states.tsx";
import { formatAgo, formatDay, formatMoment } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { ListTable } from "../list/ListTable.tsx";
import type { List, Walk } from "../list/walk.ts";
import { StatusBadge } from "./badges.tsx";
import { COLUMNS, PERSON, type Column, type ColumnName } from "./columns.ts";
import type { Selection } from "./selection.ts";

export const PEOPLE: List<PeoplePageQuery, PeoplePageQueryVariables, PersonRowFragment> = { document: PeoplePageDocument, read: (data) => data.account.users };

interface TableProps {
  walk: Walk<PeoplePageQueryVariables>;
  columns: readonly ColumnName[];
  selection: Selection;
  onSelect: (selection: Selection) => void;
  order: UserOrderField;
  isDescending: boolean;
  onOrder: (order: UserOrderField) => void;
  openId: string | null;
  /** What follows the address of a person. */
  query: string;
  onOpen: (id: string) => void;
}

/** The list of people, with the columns that were chosen. */
export function PeopleTable({ walk, columns, selection, onSelect, order, isDescending, onOrder, openId, query, onOpen }: TableProps) {
  const t = useText();
  const shown = useMemo(
    () =>
      [PERSON, ...COLUMNS.filter(({ name }) => columns.includes(name))].map(({ name, label, order: by }) => ({
        name,
        label: t(label),
        ...(by ? { order: by } : {}),
        className: `cell-${name}`,
        cell: (person: PersonRowFragment) => <Cell name={name} person={person} query={query} />,
      })),
    [columns, query, t],
  );
  return (
    <ListTable
      list={PEOPLE}
      walk={walk}
      label={t("people.title")}
      columns={shown}
      order={{ field: order, isDescending, onOrder: (field) => onOrder(field as UserOrderField) }}
      pick={{ selection, onSelect, itemOf: (person) => person }}
      onOpen={({ id }) => onOpen(id)}
      isOpen={({ id }) => id === openId}
    />
  );
}

function Cell({ name, person, query }: { name: Column["name"]; person: PersonRowFragment; query: string }) {
  const t = useText();
  switch (name) {
    case "person":
      return (
        <span className="cell-two">
          <Link href={`/people/${person.id}${query}`} tabIndex={-1} className="person-name">
            {person.displayName}
          </Link>
          {person.displayName === person.email ? null : <span className="person-email">{person.email}</span>}
        </span>
      );
    case "role":
      return person.role === "USER" ? <span className="soft">{t("role.USER")}</span> : <Badge tone="accent">{t(`role.${person.role}`)}</Badge>;
    case "status":
      return <StatusBadge person={person} />;
    case "products": {
      const held = person.assignments?.nodes ?? [];
      if (held.length === 0) return <span className="soft">–</span>;
      return (
        <span className="soft clip">
          {held.map(({ product }) => product.name).join(", ")}
          {person.assignments?.pageInfo.hasNextPage ? " …" : ""}
        </span>
      );
    }
    case "used":
      return person.lastSignedInAt ? <span title={formatMoment(person.lastSignedInAt)}>{formatAgo(person.lastSignedInAt)}</span> : <span className="soft">{t("people.never")}</span>;
    case "added":
      return formatDay(person.createdAt);
  }
}
