import { useState } from "react";
import { useClient } from "urql";
import { HandOverDocument, ViewerDocument, type Role, type RolesQuery } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Choice } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { useText } from "../language/language.ts";
import { Difference } from "../people/PersonRole.tsx";
import { useViewer } from "../session/viewer.ts";
import type { Administrator } from "./RolesScreen.tsx";

interface HandOverProps {
  account: RolesQuery["account"];
  administrators: readonly Administrator[];
  onClose: (isDone: boolean) => void;
}

/** The primary role goes to another: to whom, and what either of them may do before and after. */
export function HandOver({ account, administrators, onClose }: HandOverProps) {
  const t = useText();
  const client = useClient();
  const viewer = useViewer();
  const { attempt, isBusy, problems } = useAttempt();
  const { primaryAdmin, roles } = account;
  const successors = administrators.filter(({ role, status }) => role === "SECONDARY_ADMIN" && status === "ACTIVE");
  // Whoever takes the role over will mostly mean themselves.
  const [toUserId, setTo] = useState((successors.find(({ id }) => id === viewer.user.id) ?? successors[0])?.id ?? "");
  const [next, setNext] = useState<Role>("SECONDARY_ADMIN");
  const isOwn = primaryAdmin?.id === viewer.user.id;
  const offered = roles.filter(({ role, isAvailable }) => isAvailable && role !== "PRIMARY_ADMIN");
  const permissionsOf = (role: Role) => roles.find((one) => one.role === role)?.permissions ?? [];
  const successor = successors.find(({ id }) => id === toUserId);
  const handOver = async () => {
    const done = await attempt(HandOverDocument, { input: { toUserId, demoteSelfTo: isOwn ? next : "SECONDARY_ADMIN" } }, (data) => data.transferPrimaryAdmin);
    if (!done) return;
    notify(t("roles.handedOver", { name: successor?.displayName ?? "" }));
    // Sessions of both have ended with it. Whoever is one of them signs in again, and what is offered then is what the new role may do.
    const { error } = await client.query(ViewerDocument, {}, { requestPolicy: "network-only" }).toPromise();
    onClose(!error);
  };
  return (
    <Dialog title={t("roles.handOver")} isOpen onClose={() => onClose(false)} isKept={isBusy}>
      <div className="dialog-body">
        {successors.length === 0 ? (
          <p>{t("roles.noSuccessor")}</p>
        ) : (
          <>
            <p>{t("roles.handOverAdvice")}</p>
            <Choice label={t("roles.successor")} value={toUserId} onChange={setTo} options={successors.map(({ id, displayName, email }) => ({ value: id, label: displayName, note: email }))} />
            {isOwn ? <Choice label={t("roles.becomes")} value={next} onChange={setNext} options={offered.map(({ role }) => ({ value: role, label: t(`role.${role}`) }))} /> : null}
            {successor ? (
              <div className="hand-over" role="group" aria-label={t("roles.preview")}>
                <Turn name={successor.displayName} before={successor.role} after="PRIMARY_ADMIN" permissionsOf={permissionsOf} />
                {primaryAdmin ? <Turn name={primaryAdmin.displayName} before="PRIMARY_ADMIN" after={isOwn ? next : "SECONDARY_ADMIN"} permissionsOf={permissionsOf} /> : null}
              </div>
            ) : null}
            {problems}
          </>
        )}
      </div>
      <div className="dialog-actions">
        <Button onPress={() => onClose(false)} isDisabled={isBusy}>
          {t("common.cancel")}
        </Button>
        {successor ? (
          <Button look="harm" isPending={isBusy} onPress={() => void handOver()}>
            {t("roles.handOverNow")}
          </Button>
        ) : null}
      </div>
    </Dialog>
  );
}

function Turn({ name, before, after, permissionsOf }: { name: string; before: Role; after: Role; permissionsOf: (role: Role) => RolesQuery["account"]["roles"][number]["permissions"] }) {
  const t = useText();
  return (
    <div>
      <p>
        <strong>{name}</strong> {t("roles.turn", { before: t(`role.${before}`), after: t(`role.${after}`) })}
      </p>
      <Difference before={permissionsOf(before)} after={permissionsOf(after)} />
    </div>
  );
}
