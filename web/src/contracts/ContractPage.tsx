import { useState } from "react";
import { useClient, useQuery } from "urql";
import { Link } from "wouter";
import { ContractDocument, type BoughtFragment, type ContractHeadFragment, type ContractQuery } from "../api/generated/graphql.ts";
import { useFurther } from "../api/further.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Empty, Failure, SeatMeter, Skeleton, Title } from "../design/states.tsx";
import { formatDay, formatMoment } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import { onDemand } from "../shell/later.ts";
import { ContractBadge, SubscriptionBadge } from "./badges.tsx";

const ContractDialog = onDemand(() => import("./ContractDialog.tsx").then(({ ContractDialog }) => ContractDialog));
const RenewDialog = onDemand(() => import("./EndDialogs.tsx").then(({ RenewDialog }) => RenewDialog));
const TerminateDialog = onDemand(() => import("./EndDialogs.tsx").then(({ TerminateDialog }) => TerminateDialog));
const BuyDialog = onDemand(() => import("./BuyDialog.tsx").then(({ BuyDialog }) => BuyDialog));
const SeatsDialog = onDemand(() => import("./SeatsDialog.tsx").then(({ SeatsDialog }) => SeatsDialog));
const TermDialog = onDemand(() => import("./TermDialog.tsx").then(({ TermDialog }) => TermDialog));

type Full = NonNullable<ContractQuery["contract"]>;
type Step = "edit" | "renew" | "terminate" | "buy";

/** One contract: its terms, and what was bought under it. */
export function ContractPage({ id }: { id: string }) {
  const t = useText();
  const mayWrite = useMay("CONTRACTS_WRITE");
  const [{ data, error, fetching }, again] = useQuery({ query: ContractDocument, variables: { id, after: null }, requestPolicy: "cache-and-network" });
  const [step, setStep] = useState<Step | null>(null);
  const contract = data?.contract;
  const retry = () => again({ requestPolicy: "network-only" });
  if (!contract) {
    return (
      <>
        <Title>{t("contracts.title")}</Title>
        {error ? <Failure trouble={troubleOf(error)} onRetry={retry} /> : fetching ? <Skeleton lines={8} /> : <Empty title={t("contracts.absent")} action={<Link href="/contracts">{t("contracts.all")}</Link>} />}
      </>
    );
  }
  const isOver = contract.status === "EXPIRED" || contract.status === "TERMINATED";
  const close = () => setStep(null);
  const done = () => {
    close();
    retry();
  };
  return (
    <div className="contracts">
      <div className="head">
        <div>
          <Link href="/contracts" className="crumb">
            {t("contracts.title")}
          </Link>
          <Title>{contract.number}</Title>
        </div>
        {mayWrite ? (
          <div className="actions">
            <Button isSmall onPress={() => setStep("edit")}>
              {t("common.edit")}
            </Button>
            <Button isSmall look={isOver ? "main" : "plain"} onPress={() => setStep("renew")}>
              {t("contracts.renew")}
            </Button>
            {isOver || contract.terminatedAt ? null : (
              <Button isSmall look="harm" onPress={() => setStep("terminate")}>
                {t("contracts.terminate")}
              </Button>
            )}
          </div>
        ) : null}
      </div>
      <Facts contract={contract} />
      <section className="contracts-bought" aria-labelledby="bought">
        <div className="contracts-title">
          <h2 id="bought">{t("contracts.subscriptions")}</h2>
          {mayWrite && !isOver ? (
            <Button look="main" isSmall onPress={() => setStep("buy")}>
              {t("contracts.buy")}
            </Button>
          ) : null}
        </div>
        {contract.subscriptions.nodes.length > 0 ? (
          <Subscriptions contract={contract} mayWrite={mayWrite} onChanged={retry} />
        ) : (
          <Empty title={t("contracts.nothingBought")}>{t("contracts.nothingBoughtAdvice")}</Empty>
        )}
      </section>
      {step === "edit" ? <ContractDialog contract={contract} onClose={close} onDone={done} onStale={retry} /> : null}
      {step === "renew" ? <RenewDialog contract={contract} onClose={close} onDone={done} onStale={retry} /> : null}
      {step === "terminate" ? <TerminateDialog contract={contract} onClose={close} onDone={done} onStale={retry} /> : null}
      {step === "buy" ? <BuyDialog contract={contract} onClose={close} onDone={done} /> : null}
    </div>
  );
}

function Facts({ contract }: { contract: ContractHeadFragment }) {
  const t = useText();
  const { startsOn, endsOn, autoRenews, renewalMonths, terminatedAt, nextTermOn, purchaserName, resellerName, manager } = contract;
  return (
    <section className="card contracts-facts" aria-label={t("contracts.facts")}>
      <dl className="facts">
        <dt>{t("people.column.status")}</dt>
        <dd>
          <ContractBadge contract={contract} />
        </dd>
        <dt>{t("contracts.term")}</dt>
        <dd>{t("contracts.fromTo", { from: formatDay(startsOn), to: formatDay(endsOn) })}</dd>
        <dt>{t("contracts.renewal")}</dt>
        <dd>
          {terminatedAt ? t("contracts.terminatedAt", { moment: formatMoment(terminatedAt) }) : autoRenews ? t("contracts.everyMonths", { count: renewalMonths }) : t("contracts.byHand", { count: renewalMonths })}
          {nextTermOn ? ` · ${t("contracts.nextTerm", { day: formatDay(nextTermOn) })}` : ""}
        </dd>
        {purchaserName ? (
          <>
            <dt>{t("contracts.purchaser")}</dt>
            <dd>{purchaserName}</dd>
          </>
        ) : null}
        {resellerName ? (
          <>
            <dt>{t("contracts.reseller")}</dt>
            <dd>{resellerName}</dd>
          </>
        ) : null}
        {manager ? (
          <>
            <dt>{t("contracts.manager")}</dt>
            <dd>
              <Link href={`/people/${manager.id}`}>{manager.displayName}</Link>
            </dd>
          </>
        ) : null}
      </dl>
    </section>
  );
}

function Subscriptions({ contract, mayWrite, onChanged }: { contract: Full; mayWrite: boolean; onChanged: () => void }) {
  const t = useText();
  const client = useClient();
  const { id, subscriptions } = contract;
  const { rows, hasMore, isBusy, more } = useFurther(subscriptions, async (after) => (await client.query(ContractDocument, { id, after }).toPromise()).data?.contract?.subscriptions);
  const [asked, setAsked] = useState<{ what: "seats" | "term"; one: BoughtFragment } | null>(null);
  const close = () => setAsked(null);
  const done = () => {
    close();
    onChanged();
  };
  return (
    <>
      <ul className="contracts-list">
        {rows.map((one) => (
          <li key={one.id}>
            <article className="card contracts-one">
              <div className="contracts-title">
                <h3>
                  <Link href={`/products/${one.product.id}`}>{one.product.name}</Link>
                </h3>
                <div>
                  <SubscriptionBadge one={one} />
                </div>
              </div>
              {one.seats ? (
                <>
                  <SeatMeter seats={one.seats} label={one.product.name} />
                  <p className="note">
                    {t("seats.free", { count: one.seats.available })}
                    {one.seats.pending > 0 ? ` · ${t("seats.pendingCount", { count: one.seats.pending })}` : ""}
                  </p>
                </>
              ) : null}
              <p className="note">
                {t("contracts.fromTo", { from: formatDay(one.startsOn), to: formatDay(one.endsOn) })}
                {one.nextSeats !== null && one.nextSeats !== undefined && one.nextTermOn ? ` · ${t("contracts.seatsFrom", { count: one.nextSeats, day: formatDay(one.nextTermOn) })}` : ""}
                {one.nextSeats !== null && one.nextSeats !== undefined && !one.nextTermOn ? ` · ${t("contracts.seatsNextTerm", { count: one.nextSeats })}` : ""}
              </p>
              {mayWrite && one.status !== "CANCELLED" ? (
                <div className="actions">
                  <Button isSmall aria-label={`${t("contracts.changeSeats")}: ${one.product.name}`} onPress={() => setAsked({ what: "seats", one })}>
                    {t("contracts.changeSeats")}
                  </Button>
                  <Button
                    isSmall
                    look={one.isTrial ? "main" : "plain"}
                    aria-label={`${t(one.isTrial ? "contracts.pay" : "contracts.changeTerm")}: ${one.product.name}`}
                    onPress={() => setAsked({ what: "term", one })}
                  >
                    {t(one.isTrial ? "contracts.pay" : "contracts.changeTerm")}
                  </Button>
                </div>
              ) : null}
            </article>
          </li>
        ))}
      </ul>
      {hasMore ? (
        <Button isSmall isPending={isBusy} onPress={more}>
          {t("common.more")}
        </Button>
      ) : null}
      {asked?.what === "seats" ? <SeatsDialog one={asked.one} onClose={close} onDone={done} onStale={onChanged} /> : null}
      {asked?.what === "term" ? <TermDialog one={asked.one} contract={contract} onClose={close} onDone={done} onStale={onChanged} /> : null}
    </>
  );
}
