import { useEffect, useState } from "react";
import { useClient, useQuery } from "urql";
import { ViewerDocument, ContractSuccessorsDocument, TransferContractDocument, type ManagedContractFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Radios, SearchInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Skeleton, TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { searchWords } from "../people/query.ts";
import { useViewer } from "../session/viewer.ts";

const PAUSE = 160;

/** To an active coordinator or another manager. Whoever managed only this one is a coordinator afterwards. */
export function HandOverContract({ contract, onClose }: { contract: ManagedContractFragment; onClose: () => void }) {
  const t = useText();
  const client = useClient();
  const viewer = useViewer();
  const { attempt, isBusy, problems } = useAttempt();
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  const [toUserId, setTo] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSearch(searchWords(typed) ?? ""), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  const filter = { role: ["SOFTWARE_COORDINATOR" as const, "CONTRACT_MANAGER" as const], status: ["ACTIVE" as const], ...(search ? { search } : {}) };
  const [{ data, error, fetching }] = useQuery({ query: ContractSuccessorsDocument, variables: { filter }, requestPolicy: "cache-and-network" });
  const found = (data?.account.users?.nodes ?? []).filter(({ id }) => id !== contract.manager?.id);
  const successor = found.find(({ id }) => id === toUserId);
  const handOver = async () => {
    const done = await attempt(TransferContractDocument, { input: { contractId: contract.id, toUserId } }, (answer) => answer.transferContract);
    if (!done) return;
    notify(t("classic.handedOver", { contract: contract.number, name: done.manager?.displayName ?? "" }));
    // Whoever has another role by it begins another session: what is offered then is what the new role may do.
    if (done.formerManager?.id === viewer.user.id) await client.query(ViewerDocument, {}, { requestPolicy: "network-only" }).toPromise();
    onClose();
  };
  return (
    <Dialog title={t("classic.handOverOf", { contract: contract.number })} isOpen onClose={onClose} isKept={isBusy}>
      <div className="dialog-body">
        <p>{t("classic.handOverAdvice")}</p>
        <SearchInput label={t("people.search")} value={typed} onChange={setTyped} />
        <TroubleLine trouble={error ? troubleOf(error) : null} />
        {found.length > 0 ? (
          <Radios label={t("classic.successor")} value={toUserId} onChange={setTo} options={found.map(({ id, displayName, email, role }) => ({ value: id, label: displayName, note: `${email} · ${t(`role.${role}`)}` }))} />
        ) : fetching ? (
          <Skeleton />
        ) : (
          <p role="status">{search ? t("people.noneMatch") : t("classic.noSuccessor")}</p>
        )}
        {problems}
      </div>
      <div className="dialog-actions">
        <Button onPress={onClose} isDisabled={isBusy}>
          {t("common.cancel")}
        </Button>
        <Button look="harm" isPending={isBusy} isDisabled={!successor} onPress={() => void handOver()}>
          {t("classic.handOver")}
        </Button>
      </div>
    </Dialog>
  );
}
