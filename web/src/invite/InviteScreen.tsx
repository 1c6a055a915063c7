import { useMemo, useState, type SyntheticEvent } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { InviteDocument, InviteFrameDocument, type InviteFrameQuery, type InviteMutation, type Role } from "../api/generated/graphql.ts";
import { idempotencyKey, useChange, type Refusal } from "../api/change.ts";
import { troubleOf, type Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Check, Choice, Choices, Radios, TextArea, TextInput } from "../design/fields.tsx";
import { Failure, Refusals, Skeleton, Title, TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { characters } from "../language/letters.ts";
import { useMay } from "../session/viewer.ts";
import { InviteOutcome } from "./InviteOutcome.tsx";
import { asList, isAddress, MOST, toSend, understand, type Entry } from "./understand.ts";
import { Understood } from "./Understood.tsx";
import "./invite.css";

export type Invited = NonNullable<InviteMutation["inviteUsers"]>;

const MESSAGE = 500;

export function InviteScreen() {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: InviteFrameDocument, requestPolicy: "cache-and-network" });
  const [sent, setSent] = useState<Invited | null>(null);
  const frame = data?.account;
  return (
    <div className="invite">
      <div className="head">
        <div>
          <Title>{t("invite.title")}</Title>
          <p>{t("invite.advice")}</p>
        </div>
        <Link href="/imports">{t("invite.manyMore")}</Link>
      </div>
      {sent ? (
        <InviteOutcome invited={sent} onAgain={() => setSent(null)} />
      ) : frame ? (
        <InviteForm frame={frame} onSent={setSent} />
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />
      ) : fetching ? (
        <Skeleton lines={8} />
      ) : null}
    </div>
  );
}

type Frame = InviteFrameQuery["account"];

function InviteForm({ frame, onSent }: { frame: Frame; onSent: (invited: Invited) => void }) {
  const t = useText();
  const change = useChange();
  const mayGiveRoles = useMay("ROLES_WRITE");
  const [kind, setKind] = useState<"one" | "list">("one");
  const [one, setOne] = useState({ email: "", givenName: "", familyName: "" });
  const [list, setList] = useState("");
  const [role, setRole] = useState<Role>("USER");
  const [chosen, setChosen] = useState<string[]>([]);
  const [message, setMessage] = useState("");
  const [isLater, setLater] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [isTried, setTried] = useState(false);

  const { allowedInviteDomains, invitationLifetimeDays } = frame.settings;
  const entries = useMemo(() => understand(list, allowedInviteDomains), [list, allowedInviteDomains]);
  const single = useMemo<Entry[]>(() => {
    const email = one.email.trim();
    return isAddress(email) ? [{ typed: email, email, givenName: one.givenName.trim(), familyName: one.familyName.trim(), state: "good", line: 1 }] : [];
  }, [one]);
  const people = kind === "one" ? single : toSend(entries);
  const roles = frame.roles.filter(({ role: name, isAvailable }) => isAvailable && name !== "PRIMARY_ADMIN" && (name === "USER" || mayGiveRoles));
  const subscriptions = frame.subscriptions?.nodes ?? [];
  const short = subscriptions.filter(({ id, seats }) => chosen.includes(id) && (seats?.available ?? 0) < people.length);
  const isTooMany = people.length > MOST;

  const send = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (people.length === 0 || isTooMany) return;
    setBusy(true);
    const { data, trouble: failed } = await change(InviteDocument, {
      input: {
        recipients: { list: asList(people) },
        role,
        subscriptionIds: chosen,
        message: message.trim() || null,
        sendNow: !isLater,
        onError: "SKIP_FAILED",
        idempotencyKey: idempotencyKey(),
      },
    });
    setBusy(false);
    setTrouble(failed);
    const payload = data?.inviteUsers;
    setRefusals(payload?.userErrors ?? []);
    if (!payload || payload.userErrors.length > 0) return;
    onSent(payload);
  };

  return (
    <form className="invite-form" onSubmit={(event) => void send(event)} noValidate>
      <section className="card invite-part">
        <Radios
          isInRow
          label={t("invite.who")}
          value={kind}
          onChange={setKind}
          options={[
            { value: "one", label: t("invite.one") },
            { value: "list", label: t("invite.list") },
          ]}
        />
        {kind === "one" ? (
          <div className="form">
            <TextInput
              label={t("people.email")}
              type="email"
              value={one.email}
              onChange={(email) => setOne({ ...one, email })}
              isRequired
              maxLength={254}
              error={isTried && single.length === 0 ? t("invite.emailWrong") : undefined}
            />
            <div className="invite-names">
              <TextInput label={t("person.givenName")} value={one.givenName} onChange={(givenName) => setOne({ ...one, givenName })} maxLength={60} />
              <TextInput label={t("person.familyName")} value={one.familyName} onChange={(familyName) => setOne({ ...one, familyName })} maxLength={60} />
            </div>
          </div>
        ) : (
          <div className="invite-list">
            <TextArea
              label={t("invite.paste")}
              rows={10}
              value={list}
              onChange={setList}
              help={t("invite.pasteHelp")}
              error={isTooMany ? t("invite.tooMany", { count: MOST }) : isTried && people.length === 0 ? t("invite.nobody") : undefined}
            />
            <Understood entries={entries} />
          </div>
        )}
      </section>
      <section className="card invite-part">
        <Choice label={t("people.column.role")} value={role} onChange={setRole} options={roles.map(({ role: name }) => ({ value: name, label: t(`role.${name}`) }))} />
        {subscriptions.length > 0 ? (
          <Choices
            label={t("people.column.products")}
            value={chosen}
            onChange={setChosen}
            options={subscriptions.map(({ id, product, seats }) => ({
              value: id,
              label: product.name,
              note: t("seats.free", { count: seats?.available ?? 0 }),
              isDisabled: (seats?.available ?? 0) === 0,
            }))}
          />
        ) : null}
        {short.map(({ id, product, seats }) => (
          <p key={id} className="notice notice-wait">
            {t("invite.tooFew", { product: product.name, free: seats?.available ?? 0, count: people.length })}
          </p>
        ))}
        <TextArea label={t("invite.message")} help={t("invite.messageHelp", { count: MESSAGE - characters(message).length })} rows={3} value={message} onChange={setMessage} maxLength={MESSAGE} />
        <Check isSelected={isLater} onChange={setLater}>
          <span>{t("invite.later")}</span>
          <span className="note">{t("invite.laterHelp")}</span>
        </Check>
        <TroubleLine trouble={trouble} />
        <Refusals errors={refusals} />
        <div className="actions invite-send">
          <Button look="main" type="submit" isPending={isBusy}>
            {isLater ? t("invite.add", { count: people.length }) : t("invite.send", { count: people.length })}
          </Button>
          <span className="note">{t("invite.lifetime", { count: invitationLifetimeDays })}</span>
        </div>
      </section>
    </form>
  );
}
