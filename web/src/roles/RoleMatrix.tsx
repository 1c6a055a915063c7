import type { Permission, RolesQuery } from "../api/generated/graphql.ts";
import { Icon } from "../design/icons.tsx";
import { nameOf, useText } from "../language/language.ts";

type Role = RolesQuery["account"]["roles"][number];

/** What each role may do, as far as the account has it. */
export function RoleMatrix({ roles }: { roles: readonly Role[] }) {
  const t = useText();
  const shown = roles.filter(({ isAvailable }) => isAvailable);
  const permissions = [...new Set<Permission>(roles.flatMap((role) => role.permissions))];
  return (
    <section className="card roles-part">
      <h2>{t("roles.matrix")}</h2>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
      <div className="scroll-x" tabIndex={0} role="region" aria-label={t("roles.matrix")}>
        <table className="table roles-matrix">
          <thead>
            <tr>
              <th scope="col">{t("roles.may")}</th>
              {shown.map(({ role, holderCount, maxHolders }) => (
                <th key={role} scope="col">
                  {t(`role.${role}`)}
                  {holderCount === null || holderCount === undefined ? null : <span className="note roles-count">{maxHolders ? t("roles.exactly", { count: maxHolders }) : t("people.count", { count: holderCount })}</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {permissions.map((permission) => (
              <tr key={permission}>
                <th scope="row">{nameOf("permission", permission)}</th>
                {shown.map((role) => {
                  const may = role.permissions.includes(permission);
                  return (
                    <td key={role.role} data-may={may || undefined}>
                      <span className="unseen">{may ? t("roles.yes") : t("roles.no")}</span>
                      {may ? <Icon name="check" /> : <span aria-hidden="true">–</span>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
