import { useMemo, useState, type SyntheticEvent } from "react";
import { useQuery } from "urql";
import { ClassicAddUserDocument, ClassicBulkAddUsersDocument, ClassicFrameDocument, type ClassicFrameQuery } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { idempotencyKey } from "../api/change.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Choices, Radios, TextArea, TextInput } from "../design/fields.tsx";
import { Failure, Skeleton, Title } from "../design/states.tsx";
import { InviteOutcome } from "../invite/InviteOutcome.tsx";
import type { Invited } from "../invite/InviteScreen.tsx";
import { asList, isAddress, toSend, understand } from "../invite/understand.ts";
import { Understood } from "../invite/Understood.tsx";
import { useText } from "../language/language.ts";
import { MOST, seatsOf, semicolons } from "./terms.ts";
import "../invite/invite.css";

type Results = Pick<Invited, "results">;

/** Adding in the classic view: one person with both names, or up to fifty by a list; access now for all of them. */
export function AddPeopleScreen() {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: ClassicFrameDocument, requestPolicy: "cache-and-network" });
  const [added, setAdded] = useState<Results | null>(null);
  const frame = data?.account;
  return (
    <div className="invite">
      <div className="head">
        <div>
          <Title>{t("nav.add")}</Title>
          <p>{t("invite.advice")}</p>
        </div>
      </div>
      {added ? (
        <InviteOutcome invited={added} isClassic onAgain={() => setAdded(null)} />
      ) : frame ? (
        <AddForm frame={frame} onAdded={setAdded} />
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />
      ) : fetching ? (
        <Skeleton lines={8} />
      ) : null}
    </div>
  );
}

const NOBODY = { email: "", givenName: "", familyName: "" };

function AddForm({ frame, onAdded }: { frame: ClassicFrameQuery["account"]; onAdded: (added: Results) => void }) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt();
  const [kind, setKind] = useState<"one" | "list">("one");
  const [one, setOne] = useState(NOBODY);
  const [list, setList] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const [isTried, setTried] = useState(false);
  const { allowedInviteDomains, invitationLifetimeDays } = frame.settings;
  const entries = useMemo(() => understand(list, allowedInviteDomains), [list, allowedInviteDomains]);
  const people = toSend(entries);
  const isTooMany = people.length > MOST;
  const products = seatsOf(frame.subscriptions?.nodes ?? []);
  const count = kind === "one" ? 1 : people.length;
  const short = products.filter(({ id, available }) => chosen.includes(id) && available < count);
  const email = one.email.trim();
  const missing = (text: string) => (isTried && !text.trim() ? t("classic.missing") : undefined);

  const addOne = async () => {
    if (!isAddress(email) || !one.givenName.trim() || !one.familyName.trim()) return;
    const input = { email, givenName: one.givenName.trim(), familyName: one.familyName.trim(), productIds: chosen, idempotencyKey: idempotencyKey() };
    const done = await attempt(ClassicAddUserDocument, { input }, (data) => data.classicAddUser);
    if (done?.user) onAdded({ results: [{ index: 0, email: done.user.email, status: "APPLIED", keptAsKnown: done.keptAsKnown ?? [], user: done.user, userErrors: [] }] });
  };
  const addMany = async () => {
    if (people.length === 0 || isTooMany) return;
    const input = { list: semicolons(asList(people)), productIds: chosen, idempotencyKey: idempotencyKey() };
    const done = await attempt(ClassicBulkAddUsersDocument, { input }, (data) => data.classicBulkAddUsers);
    if (done) onAdded(done);
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    void (kind === "one" ? addOne() : addMany());
  };

  return (
    <form className="invite-form" onSubmit={submit} noValidate>
      <section className="card invite-part">
        <Radios
          isInRow
          label={t("invite.who")}
          value={kind}
          onChange={(next) => {
            setKind(next);
            setTried(false);
          }}
          options={[
            { value: "one", label: t("classic.one") },
            { value: "list", label: t("classic.list") },
          ]}
        />
        {kind === "one" ? (
          <div className="form">
            <TextInput label={t("people.email")} type="email" value={one.email} onChange={(next) => setOne({ ...one, email: next })} isRequired maxLength={254} error={isTried && !isAddress(email) ? t("invite.emailWrong") : undefined} />
            <div className="invite-names">
              <TextInput label={t("person.givenName")} value={one.givenName} onChange={(givenName) => setOne({ ...one, givenName })} isRequired maxLength={60} error={missing(one.givenName)} />
              <TextInput label={t("person.familyName")} value={one.familyName} onChange={(familyName) => setOne({ ...one, familyName })} isRequired maxLength={60} error={missing(one.familyName)} />
            </div>
          </div>
        ) : (
          <div className="invite-list">
            <TextArea
              label={t("classic.paste")}
              rows={10}
              value={list}
              onChange={setList}
              help={t("classic.pasteHelp")}
              error={isTooMany ? t("classic.tooMany", { count: people.length, most: MOST }) : isTried && people.length === 0 ? t("invite.nobody") : undefined}
            />
            <p role="status" className={isTooMany ? "notice notice-bad" : "note"}>
              {t("classic.counted", { count: people.length, most: MOST })}
            </p>
            <Understood entries={entries} />
          </div>
        )}
      </section>
      <section className="card invite-part">
        {products.length > 0 ? (
          <Choices
            label={t("classic.accessNow")}
            help={t("classic.accessHelp")}
            value={chosen}
            onChange={setChosen}
            options={products.map(({ id, name, available }) => ({ value: id, label: name, note: t("seats.free", { count: available }), isDisabled: available === 0 }))}
          />
        ) : null}
        {short.map(({ id, name, available }) => (
          <p key={id} className="notice notice-wait">
            {t("classic.tooFew", { product: name, free: available, count })}
          </p>
        ))}
        {problems}
        <div className="actions invite-send">
          <Button look="main" type="submit" isPending={isBusy} isDisabled={kind === "list" && isTooMany}>
            {t("invite.add", { count })}
          </Button>
          <span className="note">{t("invite.lifetime", { count: invitationLifetimeDays })}</span>
        </div>
      </section>
    </form>
  );
}
