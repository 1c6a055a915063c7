import { useEffect, useState } from "react";
import type { AuditPageQuery } from "../api/generated/graphql.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Choice, Radios, TextInput, type Option } from "../design/fields.tsx";
import { useText } from "../language/language.ts";
import { PersonFinder } from "../people/PersonFinder.tsx";
import { useMay } from "../session/viewer.ts";
import { isAddress, KINDS, narrowed, NO_QUERY, OUTCOMES, type AuditQuery } from "./query.ts";
import { nameOfAction, SUBJECTS } from "./words.ts";

type Names = NonNullable<AuditPageQuery["nodes"]>;

interface FiltersProps {
  query: AuditQuery;
  names: Names;
  onChange: (query: AuditQuery) => void;
}

const ANY = "any";
const PAUSE = 400;

export function AuditFilters({ query, names, onChange }: FiltersProps) {
  const t = useText();
  const mayFind = useMay("USERS_READ");
  const [isOpen, setOpen] = useState(false);
  const [isFinding, setFinding] = useState(false);
  const count = narrowed(query);
  const change = (part: Partial<AuditQuery>) => onChange({ ...query, ...part });
  const back = <T extends string>(value: T): Exclude<T, typeof ANY> | "" => (value === ANY ? "" : (value as Exclude<T, typeof ANY>));
  const subjects: Option<string>[] = SUBJECTS.map((word) => ({ value: word, label: t(`audit.subject.${word}`) }));
  const isWhole = query.action !== "" && !subjects.some(({ value }) => value === query.action);
  const actions = isWhole ? [...subjects, { value: query.action, label: nameOfAction(query.action) }] : subjects;
  return (
    <div className="audit-filters" data-open={isOpen || undefined}>
      <span className="audit-filters-open">
        <Button isSmall onPress={() => setOpen(!isOpen)} aria-expanded={isOpen}>
          {t("people.filters", { count })}
        </Button>
      </span>
      <div className="audit-filters-more">
        <Choice label={t("audit.what")} value={query.action || ANY} onChange={(action) => change({ action: action === ANY ? "" : action })} options={[{ value: ANY, label: t("audit.anything") }, ...actions]} />
        <Choice label={t("audit.how")} value={query.outcome || ANY} onChange={(value) => change({ outcome: back(value) })} options={[{ value: ANY, label: t("audit.anyOutcome") }, ...OUTCOMES.map((value) => ({ value, label: t(`audit.outcome.${value}`) }))]} />
        <Choice label={t("audit.byKind")} value={query.kind || ANY} onChange={(value) => change({ kind: back(value) })} options={[{ value: ANY, label: t("audit.anybody") }, ...KINDS.map((value) => ({ value, label: t(`audit.kind.${value}`) }))]} />
        <TextInput label={t("audit.from")} type="date" value={query.from} onChange={(from) => change({ from })} />
        <TextInput label={t("audit.to")} type="date" value={query.to} onChange={(to) => change({ to })} />
        <AddressInput key={query.ip} kept={query.ip} onChange={(ip) => change({ ip })} />
        <span className="audit-filters-last">
          {mayFind ? <Button onPress={() => setFinding(true)}>{t("audit.person")}</Button> : null}
          {count > 0 ? (
            <Button look="bare" onPress={() => onChange(NO_QUERY)}>
              {t("people.clearFilters")}
            </Button>
          ) : null}
        </span>
      </div>
      {query.actor || query.target ? (
        <ul className="audit-chips">
          {query.actor ? <Chip text={t("audit.byOne", { name: called(names, query.actor) })} onRemove={() => change({ actor: "" })} /> : null}
          {query.target ? <Chip text={t("audit.toOne", { name: called(names, query.target) })} onRemove={() => change({ target: "" })} /> : null}
        </ul>
      ) : null}
      {isFinding ? (
        <FindPerson
          onClose={() => setFinding(false)}
          onPick={(part) => {
            setFinding(false);
            change(part);
          }}
        />
      ) : null}
    </div>
  );
}

/** What a thing is called; what is there no more, or is not the reader's to see, by its id. */
function called(names: Names, id: string): string {
  const one = names.find((known) => known?.id === id);
  switch (one?.__typename) {
    case "User":
      return one.displayName;
    case "IdentityProvider":
      return one.providerName;
    case "Group":
      return one.groupName;
    case "Product":
      return one.productName;
    default:
      return id;
  }
}

function Chip({ text, onRemove }: { text: string; onRemove: () => void }) {
  const t = useText();
  return (
    <li className="audit-chip">
      <span>{text}</span>
      <Button look="bare" isSmall icon="close" aria-label={t("audit.without", { what: text })} onPress={onRemove} />
    </li>
  );
}

/** Asked for once the typing rests and it is an address. */
function AddressInput({ kept, onChange }: { kept: string; onChange: (ip: string) => void }) {
  const t = useText();
  const [typed, setTyped] = useState(kept);
  const text = typed.trim();
  const isWrong = text !== "" && !isAddress(text);
  useEffect(() => {
    if (text === kept || isWrong) return;
    const timer = setTimeout(() => onChange(text), PAUSE);
    return () => clearTimeout(timer);
  });
  return <TextInput label={t("audit.ip")} value={typed} onChange={setTyped} maxLength={45} />;
}

function FindPerson({ onClose, onPick }: { onClose: () => void; onPick: (part: Partial<AuditQuery>) => void }) {
  const t = useText();
  const [side, setSide] = useState<"actor" | "target">("actor");
  return (
    <Dialog title={t("audit.person")} isOpen onClose={onClose}>
      <div className="dialog-body">
        <Radios
          isInRow
          label={t("audit.side")}
          value={side}
          onChange={setSide}
          options={[
            { value: "actor", label: t("audit.did") },
            { value: "target", label: t("audit.wasDone") },
          ]}
        />
        <PersonFinder label={t("people.search")} onPick={({ id }) => onPick({ [side]: id })} />
      </div>
      <div className="dialog-actions">
        <Button onPress={onClose}>{t("common.cancel")}</Button>
      </div>
    </Dialog>
  );
}
