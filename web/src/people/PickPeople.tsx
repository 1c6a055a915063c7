import { useEffect, useState } from "react";
import { ListBox, ListBoxItem, Text } from "react-aria-components";
import { useQuery } from "urql";
import { PeopleFoundDocument, type UserFilter, type UserStatus } from "../api/generated/graphql.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Choice, Radios, SearchInput } from "../design/fields.tsx";
import { TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { searchWords, STATUSES } from "./query.ts";
import type { Person } from "./selection.ts";

/** Who is meant: some, found by typing, or all who match. As many as the API takes at once by name, and by filter. */
export type Meant = { kind: "some"; people: Person[] } | { kind: "all"; filter: UserFilter; count: number };

export const NOBODY_MEANT: Meant = { kind: "some", people: [] };
export const countMeant = (meant: Meant) => (meant.kind === "some" ? meant.people.length : meant.count);
export const MOST_NAMED = 100;
export const MOST_MATCHING = 5_000;
const PAUSE = 160;
const SHOWN = 20;

interface PickProps {
  /** Who can be meant at all. */
  among: UserFilter;
  meant: Meant;
  onChange: (meant: Meant) => void;
}

export function PickPeople({ among, meant, onChange }: PickProps) {
  const t = useText();
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  const [status, setStatus] = useState<UserStatus | "any">("any");
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  const words = searchWords(search);
  const isAll = meant.kind === "all";
  const filter: UserFilter = { ...among, ...(words ? { search: words } : {}), ...(isAll && status !== "any" ? { status: [status] } : {}) };
  const [{ data, error, fetching }] = useQuery({ query: PeopleFoundDocument, variables: { first: SHOWN, filter } });
  const found = data?.account.users?.nodes ?? [];
  const count = data?.account.users?.totalCount ?? 0;
  const name = JSON.stringify(filter);
  useEffect(() => {
    if (isAll && !fetching) onChange({ kind: "all", filter, count });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the name says all there is to say of the filter
  }, [isAll, name, count, fetching]);
  const chosen = meant.kind === "some" ? meant.people : [];
  const choose = (ids: ReadonlySet<string>) => {
    const others = chosen.filter(({ id }) => !found.some((one) => one.id === id));
    onChange({ kind: "some", people: [...others, ...found.filter(({ id }) => ids.has(id))].slice(0, MOST_NAMED) });
  };
  const remove = (id: string) => onChange({ kind: "some", people: chosen.filter((one) => one.id !== id) });
  return (
    <div className="form pick">
      <Radios
        isInRow
        label={t("pick.who")}
        value={meant.kind}
        onChange={(kind) => onChange(kind === "some" ? NOBODY_MEANT : { kind: "all", filter, count })}
        options={[
          { value: "some", label: t("pick.some") },
          { value: "all", label: t("pick.all") },
        ]}
      />
      <div className="bar">
        <SearchInput label={t("people.search")} value={typed} onChange={setTyped} />
        {isAll ? (
          <Choice
            isLabelHidden
            label={t("people.column.status")}
            value={status}
            onChange={setStatus}
            options={[{ value: "any", label: t("people.anyStatus") }, ...STATUSES.filter((one) => !among.status || among.status.includes(one)).map((one) => ({ value: one, label: t(`status.${one}`) }))]}
          />
        ) : null}
      </div>
      <TroubleLine trouble={error ? troubleOf(error) : null} />
      {isAll ? (
        <p role="status">{t("people.matching", { count })}</p>
      ) : (
        <>
          <ListBox
            aria-label={t("pick.found")}
            className="list pick-list"
            selectionMode="multiple"
            selectedKeys={new Set(chosen.map(({ id }) => id))}
            onSelectionChange={(keys) => choose(keys === "all" ? new Set(found.map(({ id }) => id)) : new Set([...keys].map(String)))}
            renderEmptyState={() => <p className="note">{fetching ? t("common.loading") : t("people.noneMatch")}</p>}
          >
            {found.map((person) => (
              <ListBoxItem key={person.id} id={person.id} textValue={person.displayName} className="list-item">
                <Text slot="label">
                  {person.displayName} <span className="note">{person.email}</span>
                </Text>
              </ListBoxItem>
            ))}
          </ListBox>
          <p className="note" role="status">
            {t("pick.chosen", { count: chosen.length })}
          </p>
          {chosen.length > 0 ? (
            <ul className="actions pick-chosen">
              {chosen.map((person) => (
                <li key={person.id}>
                  <Button isSmall icon="close" aria-label={t("pick.remove", { name: person.displayName })} onPress={() => remove(person.id)}>
                    {person.displayName}
                  </Button>
                </li>
              ))}
            </ul>
          ) : null}
        </>
      )}
    </div>
  );
}
