import { Badge, type Tone } from "../design/states.tsx";
import { useText, type Key } from "../language/language.ts";
import { toSend, type Entry, type EntryState } from "./understand.ts";

const TONES: Record<EntryState, Tone> = { good: "good", duplicate: "quiet", mistake: "bad", domain: "bad" };
const WORDS: Record<EntryState, Key> = { good: "invite.good", duplicate: "invite.duplicate", mistake: "invite.mistake", domain: "invite.domain" };

/** The list as it is understood, entry by entry, mistakes where they stand. */
export function Understood({ entries }: { entries: readonly Entry[] }) {
  const t = useText();
  const good = toSend(entries).length;
  const wrong = entries.filter(({ state }) => state === "mistake" || state === "domain").length;
  return (
    <div className="understood">
      <p role="status">
        {t("invite.understood", { count: good })}
        {wrong > 0 ? ` · ${t("invite.wrong", { count: wrong })}` : ""}
      </p>
      {entries.length === 0 ? (
        <p className="note">{t("invite.example")}</p>
      ) : (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to
        <div className="understood-list scroll-x" tabIndex={0} role="region" aria-label={t("invite.understoodLabel")}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t("invite.line")}</th>
                <th scope="col">{t("people.column.person")}</th>
                <th scope="col">{t("people.column.status")}</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry, place) => (
                <tr key={place}>
                  <td className="soft">{entry.line}</td>
                  <td>
                    {entry.state === "mistake" ? (
                      <span className="mistake">{entry.typed}</span>
                    ) : (
                      <>
                        {entry.givenName || entry.familyName ? (
                          <strong>
                            {entry.givenName} {entry.familyName}{" "}
                          </strong>
                        ) : null}
                        <span>{entry.email}</span>
                      </>
                    )}
                  </td>
                  <td>
                    <Badge tone={TONES[entry.state]}>{t(WORDS[entry.state])}</Badge>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
