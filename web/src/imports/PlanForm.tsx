import { useQuery } from "urql";
import { PlanProductsDocument, type ImportKind } from "../api/generated/graphql.ts";
import { troubleOf } from "../api/trouble.ts";
import { Check, Choices, Radios, TextInput } from "../design/fields.tsx";
import { TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import type { Plan } from "./start.ts";

const KINDS: ImportKind[] = ["USERS", "ASSIGNMENTS", "UNASSIGNMENTS"];

/** What is to be done with the people in the file. What they are given is the same for all of them. */
export function PlanForm({ plan, onChange }: { plan: Plan; onChange: (plan: Plan) => void }) {
  const t = useText();
  const mayAssign = useMay("ASSIGNMENTS_WRITE");
  const isSeats = plan.kind !== "USERS";
  const [{ data, error }] = useQuery({ query: PlanProductsDocument, pause: !isSeats });
  const products = data?.account.products?.nodes ?? [];
  const chosen = (plan.sources ?? []).flatMap(({ productId }) => (typeof productId === "string" ? [productId] : []));
  const components = products.filter(({ id }) => chosen.includes(id)).flatMap((product) => product.components.map((component) => ({ ...component, product: product.name })));
  const usual = components.filter(({ isEnabledByDefault, isRequired }) => isEnabledByDefault || isRequired).map(({ id }) => id);
  const change = (part: Partial<Plan>) => onChange({ ...plan, ...part });
  return (
    <div className="form plan">
      {mayAssign ? (
        <Radios
          isInRow
          label={t("imports.kind")}
          value={plan.kind}
          onChange={(kind) => change({ kind, sources: kind === "USERS" ? null : (plan.sources ?? []), componentIds: null })}
          options={KINDS.map((value) => ({ value, label: t(`imports.kind.${value}`), note: t(`imports.kindHelp.${value}`) }))}
        />
      ) : null}
      <TroubleLine trouble={error ? troubleOf(error) : null} />
      {isSeats ? (
        <Choices
          label={t("imports.products")}
          options={products.map(({ id, name, seats }) => ({ value: id, label: name, ...(seats ? { note: t("seats.free", { count: seats.available }) } : {}) }))}
          value={chosen}
          onChange={(ids) => change({ sources: ids.map((productId) => ({ productId })), componentIds: null })}
        />
      ) : null}
      {plan.kind === "ASSIGNMENTS" && chosen.length > 0 ? (
        <>
          <Choices
            label={t("products.components")}
            help={t("imports.componentsHelp")}
            options={components.map(({ id, name, product, isRequired }) => ({ value: id, label: chosen.length > 1 ? `${product}: ${name}` : name, isDisabled: isRequired, ...(isRequired ? { note: t("person.requiredPart") } : {}) }))}
            value={plan.componentIds ?? usual}
            onChange={(componentIds) => change({ componentIds })}
          />
          <Radios
            isInRow
            label={t("products.whenFull")}
            value={plan.whenFull}
            onChange={(whenFull) => change({ whenFull })}
            options={[
              { value: "REFUSE", label: t("imports.whenFullReport") },
              { value: "WAITLIST", label: t("products.whenFullWait") },
            ]}
          />
          <TextInput type="date" label={t("products.expiresOn")} help={t("products.expiresOnHelp")} value={plan.expiresOn ?? ""} onChange={(day) => change({ expiresOn: day || null })} />
        </>
      ) : null}
      {plan.kind === "UNASSIGNMENTS" ? null : (
        <Check isSelected={!plan.sendsInvitations} onChange={(isLater) => change({ sendsInvitations: !isLater })}>
          <span>{t("invite.later")}</span>
          <span className="note">{t("invite.laterHelp")}</span>
        </Check>
      )}
    </div>
  );
}
