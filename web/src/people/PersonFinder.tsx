import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { FindPeopleDocument, type FindPeopleQuery } from "../api/generated/graphql.ts";
import { troubleOf } from "../api/trouble.ts";
import { SearchInput } from "../design/fields.tsx";
import { TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { searchWords } from "./query.ts";

const PAUSE = 160;

export type Found = NonNullable<FindPeopleQuery["account"]["users"]>["nodes"][number];

/** Somebody of the account, found by name or address. */
export function PersonFinder({ label, onPick }: { label: string; onPick: (person: Found) => void }) {
  const t = useText();
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSearch(searchWords(typed) ?? ""), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  const [{ data, error, fetching }] = useQuery({ query: FindPeopleDocument, variables: { search }, pause: search === "" });
  const found = search === "" ? [] : (data?.account.users?.nodes ?? []);
  return (
    <div className="finder">
      <SearchInput label={label} value={typed} onChange={setTyped} />
      <TroubleLine trouble={error ? troubleOf(error) : null} />
      <div role="status">{search !== "" && !fetching && found.length === 0 && !error ? <p className="note">{t("people.noneMatch")}</p> : null}</div>
      {found.length > 0 ? (
        <ul className="finder-list" aria-label={label}>
          {found.map((person) => (
            <li key={person.id}>
              <button
                type="button"
                className="finder-person"
                onClick={() => {
                  setTyped("");
                  setSearch("");
                  onPick(person);
                }}
              >
                <span>{person.displayName}</span>
                <span className="note">
                  {person.email} · {t(`role.${person.role}`)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
