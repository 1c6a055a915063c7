import { useState } from "react";
import { useClient, useQuery } from "urql";
import { ContractManagersDocument, type ContractManagersQuery, type ManagedContractFragment } from "../api/generated/graphql.ts";
import { useFurther } from "../api/further.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Empty, Failure, Skeleton, Title } from "../design/states.tsx";
import { formatDay } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import { HandOverContract } from "./HandOverContract.tsx";
import "../invite/invite.css";
import "./classic.css";

type Contracts = NonNullable<ContractManagersQuery["account"]["contracts"]>;

/** Who manages which contract; a contract manager hands one over. */
export function ContractManagersScreen() {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: ContractManagersDocument, variables: { after: null }, requestPolicy: "cache-and-network" });
  const contracts = data?.account.contracts;
  return (
    <div className="invite managers">
      <div className="head">
        <div>
          <Title>{t("nav.managers")}</Title>
          <p>{t("classic.managersAdvice")}</p>
        </div>
      </div>
      {contracts ? (
        contracts.nodes.length > 0 ? (
          <List first={contracts} />
        ) : (
          <Empty title={t("classic.noContracts")} />
        )
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />
      ) : fetching ? (
        <Skeleton lines={6} />
      ) : null}
    </div>
  );
}

function List({ first }: { first: Contracts }) {
  const t = useText();
  const client = useClient();
  const mayHandOver = useMay("CONTRACTS_TRANSFER");
  const [handed, setHanded] = useState<ManagedContractFragment | null>(null);
  const { rows, hasMore, isBusy, more } = useFurther(first, async (after) => (await client.query(ContractManagersDocument, { after }).toPromise()).data?.account.contracts);
  return (
    <>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
      <div className="card scroll-x" tabIndex={0} role="region" aria-label={t("nav.managers")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("classic.contract")}</th>
              <th scope="col">{t("classic.term")}</th>
              <th scope="col">{t("classic.manager")}</th>
              {mayHandOver ? (
                <th scope="col">
                  <span className="unseen">{t("classic.handOver")}</span>
                </th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {rows.map((contract) => (
              <tr key={contract.id}>
                <th scope="row">{contract.number}</th>
                <td>{t("classic.days", { from: formatDay(contract.startsOn), to: formatDay(contract.endsOn) })}</td>
                <td>
                  {contract.manager ? (
                    <>
                      {contract.manager.displayName} <span className="note">{contract.manager.email}</span>
                    </>
                  ) : (
                    <span className="note">{t("classic.noManager")}</span>
                  )}
                </td>
                {mayHandOver ? (
                  <td>
                    <Button isSmall aria-label={t("classic.handOverOf", { contract: contract.number })} onPress={() => setHanded(contract)}>
                      {t("classic.handOver")}
                    </Button>
                  </td>
                ) : null}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hasMore ? (
        <div>
          <Button isSmall isPending={isBusy} onPress={more}>
            {t("common.more")}
          </Button>
        </div>
      ) : null}
      {handed ? <HandOverContract contract={handed} onClose={() => setHanded(null)} /> : null}
    </>
  );
}
