import type { BoughtFragment, ContractHeadFragment, ContractStatus, ProductSubscriptionStatus } from "../api/generated/graphql.ts";
import { Badge, type Tone } from "../design/states.tsx";
import { formatDay } from "../language/format.ts";
import { nameOf, useText } from "../language/language.ts";

const CONTRACTS: Record<ContractStatus, Tone> = { ACTIVE: "good", UPCOMING: "accent", EXPIRED: "bad", TERMINATED: "quiet" };
const SUBSCRIPTIONS: Record<ProductSubscriptionStatus, Tone> = { ACTIVE: "good", TRIAL: "accent", PAST_DUE: "wait", EXPIRED: "bad", CANCELLED: "quiet" };

/** Its status, and what becomes of it at its end. */
export function ContractBadge({ contract }: { contract: ContractHeadFragment }) {
  const t = useText();
  const { status, endsOn, autoRenews, terminatedAt } = contract;
  const isOn = status === "ACTIVE" || status === "UPCOMING";
  return (
    <>
      <Badge tone={CONTRACTS[status]}>{nameOf("contracts.status", status)}</Badge>
      {isOn ? (
        <span className="note contracts-under">
          {terminatedAt ? t("contracts.ends", { day: formatDay(endsOn) }) : autoRenews ? t("contracts.renewsItself", { day: formatDay(endsOn) }) : t("contracts.runsUntil", { day: formatDay(endsOn) })}
        </span>
      ) : null}
    </>
  );
}

/** Its status; once it is over, until when access goes on. */
export function SubscriptionBadge({ one }: { one: BoughtFragment }) {
  const t = useText();
  return (
    <>
      <Badge tone={SUBSCRIPTIONS[one.status]}>{nameOf("contracts.subscription", one.status)}</Badge>
      {one.graceEndsOn ? <span className="note contracts-under">{t("seats.grace", { day: formatDay(one.graceEndsOn) })}</span> : null}
    </>
  );
}
