import { useState } from "react";
import { ChangeRoleDocument, type Permission, type PersonQuery, type Role } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Confirm } from "../design/Dialog.tsx";
import { Choice } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Refusals, TroubleLine } from "../design/states.tsx";
import { nameOf, useText } from "../language/language.ts";
import { useMay, useViewer } from "../session/viewer.ts";
import { Section, type FullPerson } from "./Section.tsx";

interface RoleProps {
  person: FullPerson;
  roles: PersonQuery["account"]["roles"];
}

export function PersonRole({ person, roles }: RoleProps) {
  const t = useText();
  const change = useChange();
  const viewer = useViewer();
  const mayGive = useMay("ROLES_WRITE");
  const [next, setNext] = useState<Role | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const offered = person.viewerActions.assignableRoles.filter((role) => role !== person.role);
  const permissionsOf = (role: Role) => roles.find((one) => one.role === role)?.permissions ?? [];
  const held = permissionsOf(person.role);
  const give = async () => {
    if (!next) return;
    setBusy(true);
    const { data, trouble: failed } = await change(ChangeRoleDocument, { input: { userId: person.id, role: next } });
    setBusy(false);
    setNext(null);
    setTrouble(failed?.kind === "recent" ? null : failed);
    const errors = data?.changeUserRole?.userErrors ?? [];
    setRefusals(errors);
    if (!failed && errors.length === 0) notify(t("person.roleChanged"));
  };
  const why = person.id === viewer.user.id ? t("person.roleOwn") : person.role === "PRIMARY_ADMIN" ? t("person.rolePrimary") : mayGive ? t("person.roleNone") : t("person.roleNotYours");
  return (
    <Section title={t("person.role")}>
      {offered.length > 0 ? (
        <Choice
          label={t("person.role")}
          isLabelHidden
          value={person.role}
          onChange={(role) => (role === person.role ? undefined : setNext(role))}
          options={[person.role, ...offered].map((role) => ({ value: role, label: t(`role.${role}`), note: t("person.permissionCount", { count: permissionsOf(role).length }) }))}
        />
      ) : (
        <>
          <p>{t(`role.${person.role}`)}</p>
          <p className="note">{why}</p>
        </>
      )}
      {held.length > 0 ? (
        <p className="note">{t("person.may", { what: held.map((permission) => nameOf("permission", permission)).join(" · ") })}</p>
      ) : (
        <p className="note">{t("person.mayNothing")}</p>
      )}
      <TroubleLine trouble={trouble} />
      <Refusals errors={refusals} />
      <Confirm title={t("person.roleConfirm", { role: next ? t(`role.${next}`) : "" })} isOpen={next !== null} isBusy={isBusy} action={t("person.giveRole")} cancel={t("common.cancel")} onConfirm={() => void give()} onClose={() => setNext(null)}>
        <p>{t("person.roleConfirmAdvice", { name: person.displayName })}</p>
        {next ? <Difference before={held} after={permissionsOf(next)} /> : null}
      </Confirm>
    </Section>
  );
}

/** What somebody could do before and cannot after, and the other way about. */
export function Difference({ before, after }: { before: readonly Permission[]; after: readonly Permission[] }) {
  const t = useText();
  const gained = after.filter((one) => !before.includes(one));
  const lost = before.filter((one) => !after.includes(one));
  return (
    <dl className="facts">
      {gained.length > 0 ? (
        <>
          <dt>{t("person.gains")}</dt>
          <dd>{gained.map((one) => nameOf("permission", one)).join(" · ")}</dd>
        </>
      ) : null}
      {lost.length > 0 ? (
        <>
          <dt>{t("person.loses")}</dt>
          <dd>{lost.map((one) => nameOf("permission", one)).join(" · ")}</dd>
        </>
      ) : null}
    </dl>
  );
}
