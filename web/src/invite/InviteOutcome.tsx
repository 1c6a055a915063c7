import { Link } from "wouter";
import { Button } from "../design/Button.tsx";
import { Badge, sayRefusal, type Tone } from "../design/states.tsx";
import { useText, type Key } from "../language/language.ts";
import type { Invited } from "./InviteScreen.tsx";

type Outcome = Invited["results"][number]["status"];
const TONES: Record<Outcome, Tone> = { APPLIED: "good", UNCHANGED: "quiet", FAILED: "bad" };
const WORDS: Record<Outcome, Key> = { APPLIED: "invite.applied", UNCHANGED: "invite.unchanged", FAILED: "invite.failed" };

/** What became of each of them. In the classic view whoever finds no seat is invited all the same. */
export function InviteOutcome({ invited, onAgain, isClassic = false }: { invited: Pick<Invited, "results">; onAgain: () => void; isClassic?: boolean }) {
  const t = useText();
  const { results } = invited;
  const isWithoutSeat = ({ status, user, userErrors }: Invited["results"][number]) => isClassic && status === "FAILED" && Boolean(user) && userErrors.every(({ code }) => code === "SEATS_EXHAUSTED");
  const without = results.filter(isWithoutSeat).length;
  const applied = results.filter(({ status }) => status === "APPLIED").length + without;
  const failed = results.filter(({ status }) => status === "FAILED").length - without;
  return (
    <section className="card invite-part">
      <p className={`notice ${failed + without > 0 ? "notice-wait" : "notice-good"}`} role="status">
        {t("invite.sent", { count: applied })}
        {without > 0 ? ` ${t("classic.withoutCount", { count: without })}` : ""}
        {failed > 0 ? ` ${t("invite.sentFailed", { count: failed })}` : ""}
      </p>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
      <div className="understood-list scroll-x" tabIndex={0} role="region" aria-label={t("invite.outcomeLabel")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("people.column.person")}</th>
              <th scope="col">{t("bulk.outcome")}</th>
              <th scope="col">{t("bulk.reason")}</th>
            </tr>
          </thead>
          <tbody>
            {results.map((result) => (
              <tr key={result.index}>
                <td>{result.user ? <Link href={`/people/${result.user.id}`}>{result.email}</Link> : result.email}</td>
                <td>
                  {isWithoutSeat(result) ? <Badge tone="wait">{t("classic.without")}</Badge> : <Badge tone={TONES[result.status]}>{t(WORDS[result.status])}</Badge>}
                </td>
                <td className="soft">{[...result.userErrors.map(sayRefusal), ...result.keptAsKnown.map((detail) => t(`invite.kept.${detail}`))].join(" ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="actions">
        <Button look="main" onPress={onAgain} autoFocus>
          {t(isClassic ? "classic.again" : "invite.again")}
        </Button>
        <Link href="/people?order=-CREATED_AT" className="button">
          {t("invite.toPeople")}
        </Link>
      </div>
    </section>
  );
}
