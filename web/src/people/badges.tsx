import type { DeliveryStatus, InvitationStatus, UserStatus } from "../api/generated/graphql.ts";
import { Badge, type Tone } from "../design/states.tsx";
import { useText } from "../language/language.ts";

const STATUS_TONES: Record<UserStatus, Tone> = { ACTIVE: "good", PENDING: "wait", STAGED: "quiet", DISABLED: "bad" };
const INVITATION_TONES: Record<InvitationStatus, Tone> = { PENDING: "wait", ACCEPTED: "good", EXPIRED: "bad", REVOKED: "quiet" };
const DELIVERY_TONES: Record<DeliveryStatus, Tone> = { QUEUED: "quiet", SENT: "good", DELAYED: "wait", BOUNCED: "bad" };

interface Invited {
  status: UserStatus;
  invitation?: { status: InvitationStatus; delivery: { status: DeliveryStatus } } | null;
}

/** Where somebody stands; of who was invited, whether anything is amiss with that. */
export function StatusBadge({ person }: { person: Invited }) {
  const t = useText();
  const { status, invitation } = person;
  if (status === "PENDING" && invitation) {
    if (invitation.status === "EXPIRED") return <Badge tone="bad">{t("people.invitationExpired")}</Badge>;
    if (invitation.delivery.status === "BOUNCED") return <Badge tone="bad">{t("people.mailBounced")}</Badge>;
  }
  return <Badge tone={STATUS_TONES[status]}>{t(`status.${status}`)}</Badge>;
}

export function InvitationBadge({ status }: { status: InvitationStatus }) {
  const t = useText();
  return <Badge tone={INVITATION_TONES[status]}>{t(`invitation.${status}`)}</Badge>;
}

export function DeliveryBadge({ status }: { status: DeliveryStatus }) {
  const t = useText();
  return <Badge tone={DELIVERY_TONES[status]}>{t(`delivery.${status}`)}</Badge>;
}
