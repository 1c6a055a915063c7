import { useState } from "react";
import { useClient, useQuery } from "urql";
import { Link, useLocation, useRoute } from "wouter";
import { ContractsDocument, type ContractsQuery, type ContractStatus } from "../api/generated/graphql.ts";
import { useFurther } from "../api/further.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Choice } from "../design/fields.tsx";
import { Empty, Failure, Skeleton, Title } from "../design/states.tsx";
import { formatDay, formatList } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { oneOf, useAddress } from "../list/address.ts";
import { useMay } from "../session/viewer.ts";
import { onDemand } from "../shell/later.ts";
import { ContractPage } from "./ContractPage.tsx";
import { ContractBadge } from "./badges.tsx";
import "../list/list.css";
import "./contracts.css";

const ContractDialog = onDemand(() => import("./ContractDialog.tsx").then(({ ContractDialog }) => ContractDialog));

const STATUSES: ContractStatus[] = ["ACTIVE", "UPCOMING", "EXPIRED", "TERMINATED"];

export function ContractsScreen() {
  const [, route] = useRoute("/contracts/:id");
  return route ? <ContractPage key={route.id} id={route.id} /> : <Contracts />;
}

type Page = NonNullable<ContractsQuery["account"]["contracts"]>;

function Contracts() {
  const t = useText();
  const mayWrite = useMay("CONTRACTS_WRITE");
  const [, navigate] = useLocation();
  const { params, change } = useAddress();
  const status = oneOf(params.get("status"), STATUSES);
  const wish = { status: status ? [status] : null };
  const [{ data, error, fetching }, again] = useQuery({ query: ContractsDocument, variables: { after: null, ...wish }, requestPolicy: "cache-and-network" });
  const [isMaking, setMaking] = useState(false);
  const contracts = data?.account.contracts;
  const make = mayWrite ? (
    <Button look="main" onPress={() => setMaking(true)}>
      {t("contracts.new")}
    </Button>
  ) : null;
  return (
    <div className="contracts">
      <div className="head">
        <div>
          <Title>{t("contracts.title")}</Title>
          <p>{t("contracts.advice")}</p>
        </div>
        {make}
      </div>
      <div className="bar">
        <Choice
          isLabelHidden
          label={t("people.column.status")}
          value={status || "any"}
          onChange={(value) => change({ status: value === "any" ? "" : value })}
          options={[{ value: "any", label: t("people.anyStatus") }, ...STATUSES.map((one) => ({ value: one, label: t(`contracts.status.${one}`) }))]}
        />
        {contracts ? <p role="status">{t("contracts.count", { count: contracts.totalCount })}</p> : null}
      </div>
      {contracts ? (
        contracts.nodes.length > 0 ? (
          <ContractTable key={status} first={contracts} wish={wish} />
        ) : (
          <Empty title={t(status ? "contracts.noneMatch" : "contracts.none")}>{t("contracts.noneAdvice")}</Empty>
        )
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />
      ) : fetching ? (
        <Skeleton lines={6} />
      ) : null}
      {isMaking ? <ContractDialog onClose={() => setMaking(false)} onDone={(id) => navigate(`/contracts/${id}`)} /> : null}
    </div>
  );
}

function ContractTable({ first, wish }: { first: Page; wish: { status: ContractStatus[] | null } }) {
  const t = useText();
  const client = useClient();
  const { rows, hasMore, isBusy, more } = useFurther(first, async (after) => (await client.query(ContractsDocument, { after, ...wish }).toPromise()).data?.account.contracts);
  return (
    <>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
      <div className="scroll-x card" tabIndex={0} role="region" aria-label={t("contracts.title")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("contracts.number")}</th>
              <th scope="col">{t("people.column.status")}</th>
              <th scope="col">{t("contracts.term")}</th>
              <th scope="col">{t("contracts.products")}</th>
              <th scope="col">{t("contracts.manager")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((contract) => {
              const { id, number, startsOn, endsOn, manager, subscriptions } = contract;
              const names = [...new Set(subscriptions.nodes.map(({ product }) => product.name))];
              const others = subscriptions.totalCount - subscriptions.nodes.length;
              return (
                <tr key={id}>
                  <td>
                    <Link href={`/contracts/${id}`}>
                      <strong>{number}</strong>
                    </Link>
                  </td>
                  <td>
                    <ContractBadge contract={contract} />
                  </td>
                  <td>{t("contracts.fromTo", { from: formatDay(startsOn), to: formatDay(endsOn) })}</td>
                  <td>{names.length > 0 ? `${formatList(names)}${others > 0 ? ` ${t("contracts.others", { count: others })}` : ""}` : "–"}</td>
                  <td>{manager?.displayName ?? "–"}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {hasMore ? (
        <Button isSmall isPending={isBusy} onPress={more}>
          {t("common.more")}
        </Button>
      ) : null}
    </>
  );
}
