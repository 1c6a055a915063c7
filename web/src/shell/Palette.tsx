import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { useQuery } from "urql";
import { useLocation } from "wouter";
import { PeopleFoundDocument } from "../api/generated/graphql.ts";
import { Dialog } from "../design/Dialog.tsx";
import { Icon, type IconName } from "../design/icons.tsx";
import { useText } from "../language/language.ts";
import { searchWords } from "../people/query.ts";
import { useMay, useViewer } from "../session/viewer.ts";
import { isOffered, SCREENS } from "./screens.ts";

interface Entry {
  id: string;
  icon: IconName;
  label: string;
  note: string;
  go: () => void;
}

const PAUSE = 120;
const FOUND = 8;

/** Screens and people, by typing. The field has the keyboard; what is meant stands in the list below it. */
export function Palette({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const t = useText();
  const viewer = useViewer();
  const maySeePeople = useMay("USERS_READ");
  const [, navigate] = useLocation();
  const list = useId();
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  const [active, setActive] = useState(0);
  const options = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  const words = searchWords(search);
  const [{ data, fetching }] = useQuery({ query: PeopleFoundDocument, variables: { first: FOUND, filter: { search: words ?? "" } }, pause: !words || !maySeePeople });
  const wanted = typed.trim().toLocaleLowerCase();
  const goTo = (path: string) => () => {
    onClose();
    navigate(path);
  };
  const entries: Entry[] = [
    ...SCREENS.filter((screen) => isOffered(screen, viewer) && t(screen.label).toLocaleLowerCase().includes(wanted)).map(
      (screen): Entry => ({ id: screen.word, icon: screen.icon, label: t(screen.label), note: t("palette.screen"), go: goTo(`/${screen.word}`) }),
    ),
    ...(t("keys.title").toLocaleLowerCase().includes(wanted) ? [{ id: "keys", icon: "more", label: t("keys.title"), note: "?", go: onShortcuts } satisfies Entry] : []),
    ...(words ? (data?.account.users?.nodes ?? []) : []).map((person): Entry => ({ id: person.id, icon: "people", label: person.displayName, note: person.email, go: goTo(`/people/${person.id}`) })),
  ];
  const place = Math.min(active, Math.max(0, entries.length - 1));
  const optionId = (index: number) => `${list}-${String(index)}`;
  useEffect(() => {
    options.current?.children[place]?.scrollIntoView({ block: "nearest" });
  }, [place]);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, () => void> = {
      ArrowDown: () => setActive((place + 1) % Math.max(1, entries.length)),
      ArrowUp: () => setActive((place + entries.length - 1) % Math.max(1, entries.length)),
      Enter: () => entries[place]?.go(),
    };
    const step = steps[event.key];
    if (!step || event.nativeEvent.isComposing) return;
    event.preventDefault();
    step();
  };
  return (
    <Dialog title={t("palette.title")} isOpen onClose={onClose}>
      <div className="palette">
        <input
          className="input"
          role="combobox"
          aria-label={t("palette.label")}
          aria-expanded={entries.length > 0}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={entries.length > 0 ? optionId(place) : undefined}
          placeholder={t("palette.label")}
          maxLength={200}
          value={typed}
          // eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog is opened to type in it
          autoFocus
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <div ref={options} id={list} role="listbox" aria-label={t("palette.found")} className="list palette-list">
          {entries.map((entry, index) => (
            // The field has the keyboard.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <div key={entry.id} id={optionId(index)} role="option" tabIndex={-1} aria-selected={index === place} className="list-item palette-item" data-focused={index === place || undefined} onClick={entry.go}>
              <Icon name={entry.icon} />
              <span>{entry.label}</span>
              <span className="note">{entry.note}</span>
            </div>
          ))}
        </div>
        <p className="note" role="status">
          {fetching ? t("common.loading") : entries.length === 0 ? t("palette.nothing") : t("palette.count", { count: entries.length })}
        </p>
      </div>
    </Dialog>
  );
}
