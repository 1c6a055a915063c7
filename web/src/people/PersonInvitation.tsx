import { useState } from "react";
import { ResendInvitationsDocument, RevokeInvitationsDocument, SendInvitationsDocument } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Confirm } from "../design/Dialog.tsx";
import { notify } from "../design/notices.tsx";
import { Refusals, TroubleLine } from "../design/states.tsx";
import { formatDay, formatMoment } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import { DeliveryBadge, InvitationBadge } from "./badges.tsx";
import { Section, type FullPerson } from "./Section.tsx";

interface Payload {
  results: readonly { userErrors: readonly Refusal[] }[];
  userErrors: readonly Refusal[];
}

export function PersonInvitation({ person, onChanged }: { person: FullPerson; onChanged: () => void }) {
  const t = useText();
  const change = useChange();
  const mayWrite = useMay("USERS_WRITE");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const { invitation } = person;
  const attempt = async (work: () => Promise<{ payload: Payload | null | undefined; trouble: Trouble | null }>, said: string) => {
    setBusy(true);
    const { payload, trouble: failed } = await work();
    setBusy(false);
    setAsked(false);
    setTrouble(failed);
    const errors = [...(payload?.results.flatMap(({ userErrors }) => userErrors) ?? []), ...(payload?.userErrors ?? [])];
    setRefusals(errors);
    if (failed || errors.length > 0) return;
    notify(said);
    onChanged();
  };
  const sendFirst = async () => {
    const { data, trouble: failed } = await change(SendInvitationsDocument, { input: { userIds: [person.id] } });
    return { payload: data?.sendInvitations, trouble: failed };
  };
  if (!invitation) {
    if (person.status !== "STAGED") return null;
    return (
      <Section title={t("people.invitation")}>
        <p className="note">{t("person.notInvited")}</p>
        <Refusals errors={refusals} />
        <TroubleLine trouble={trouble} />
        {mayWrite ? (
          <Button isSmall isPending={isBusy} onPress={() => void attempt(sendFirst, t("person.invited"))}>
            {t("bulk.invite")}
          </Button>
        ) : null}
      </Section>
    );
  }
  const resend = async () => {
    const { data, trouble: failed } = await change(ResendInvitationsDocument, { input: { invitationIds: [invitation.id] } });
    return { payload: data?.resendInvitations, trouble: failed };
  };
  const revoke = async () => {
    const { data, trouble: failed } = await change(RevokeInvitationsDocument, { input: { invitationIds: [invitation.id] } });
    return { payload: data?.revokeInvitations, trouble: failed };
  };
  return (
    <Section title={t("people.invitation")}>
      <dl className="facts">
        <dt>{t("people.column.status")}</dt>
        <dd>
          <InvitationBadge status={invitation.status} />
        </dd>
        <dt>{t("person.mail")}</dt>
        <dd>
          <DeliveryBadge status={invitation.delivery.status} /> <span className="note">{formatMoment(invitation.delivery.at)}</span>
          {invitation.delivery.reason ? <p className="note">{invitation.delivery.reason}</p> : null}
        </dd>
        <dt>{t("person.sent")}</dt>
        <dd>{t("person.sentTimes", { count: invitation.sendCount })}</dd>
        {invitation.status === "PENDING" || invitation.status === "EXPIRED" ? (
          <>
            <dt>{t("person.goodUntil")}</dt>
            <dd>{formatDay(invitation.expiresAt)}</dd>
          </>
        ) : null}
        {invitation.acceptedAt ? (
          <>
            <dt>{t("person.accepted")}</dt>
            <dd>{formatDay(invitation.acceptedAt)}</dd>
          </>
        ) : null}
      </dl>
      <TroubleLine trouble={trouble} />
      <Refusals errors={refusals} />
      {person.viewerActions.canResendInvitation && mayWrite ? (
        <div className="actions">
          <Button isSmall isPending={isBusy} onPress={() => void attempt(resend, t("person.resent"))}>
            {t("person.resend")}
          </Button>
          {invitation.status === "PENDING" ? (
            <Button isSmall look="harm" isDisabled={isBusy} onPress={() => setAsked(true)}>
              {t("person.revoke")}
            </Button>
          ) : null}
        </div>
      ) : null}
      <Confirm title={t("person.revokeTitle")} isOpen={isAsked} isHarm isBusy={isBusy} action={t("person.revoke")} cancel={t("common.cancel")} onConfirm={() => void attempt(revoke, t("person.revoked"))} onClose={() => setAsked(false)}>
        <p>{t("person.revokeAdvice", { name: person.displayName })}</p>
      </Confirm>
    </Section>
  );
}
