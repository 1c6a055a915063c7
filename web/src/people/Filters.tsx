import { memo, useState } from "react";
import { Button } from "../design/Button.tsx";
import { Choice, SearchInput } from "../design/fields.tsx";
import { useText } from "../language/language.ts";
import { INVITATIONS, isNarrowed, LAST_USES, NO_QUERY, ROLES, STATUSES, type PeopleQuery } from "./query.ts";

const ANY = "any";

type Any<T extends string> = T | typeof ANY;

const back = <T extends string>(value: Any<T>): Exclude<Any<T>, typeof ANY> | "" => (value === ANY ? "" : (value as Exclude<Any<T>, typeof ANY>));

interface FiltersProps {
  query: PeopleQuery;
  onChange: (query: PeopleQuery) => void;
  products: readonly { id: string; name: string }[];
  counts: { total: number; active: number; pending: number; staged: number; disabled: number } | null;
}

/** Drawn anew when it shows something else, and not with every row that is picked: lists that open are heavy. */
export const Filters = memo(function Filters({ query, onChange, products, counts }: FiltersProps) {
  const t = useText();
  const [isOpen, setOpen] = useState(false);
  const narrowed = [query.status, query.role, query.product, query.invitation, query.idle].filter(Boolean).length;
  const change = (part: Partial<PeopleQuery>) => onChange({ ...query, ...part });
  const countOf = { ACTIVE: counts?.active, PENDING: counts?.pending, STAGED: counts?.staged, DISABLED: counts?.disabled };
  const of = <T extends string>(value: T | ""): Any<T> => value || ANY;
  const productKey = query.product ? `${query.without ? "-" : ""}${query.product}` : ANY;
  return (
    <div className="filters" data-open={isOpen || undefined}>
      <SearchInput label={t("people.search")} value={query.search} onChange={(search) => change({ search })} />
      <span className="filters-open">
        <Button isSmall onPress={() => setOpen(!isOpen)} aria-expanded={isOpen}>
          {t("people.filters", { count: narrowed })}
        </Button>
      </span>
      <div className="filters-more">
        <Choice
          isLabelHidden
          label={t("people.column.status")}
          value={of(query.status)}
          onChange={(value) => change({ status: back(value) })}
          options={[
            { value: ANY, label: t("people.anyStatus") },
            ...STATUSES.map((status) => {
              const count = countOf[status];
              return { value: status, label: t(`status.${status}`), ...(count === undefined ? {} : { note: t("people.count", { count }) }) };
            }),
          ]}
        />
        <Choice
          isLabelHidden
          label={t("people.column.role")}
          value={of(query.role)}
          onChange={(value) => change({ role: back(value) })}
          options={[{ value: ANY, label: t("people.anyRole") }, ...ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))]}
        />
        {products.length > 0 ? (
          <Choice
            isLabelHidden
            label={t("people.column.products")}
            value={productKey}
            onChange={(value) => change({ product: value === ANY ? "" : value.replace(/^-/, ""), without: value.startsWith("-") })}
            options={[
              { value: ANY, label: t("people.anyProduct") },
              ...products.map(({ id, name }) => ({ value: id, label: t("people.withProduct", { product: name }) })),
              ...products.map(({ id, name }) => ({ value: `-${id}`, label: t("people.withoutProduct", { product: name }) })),
            ]}
          />
        ) : null}
        <Choice
          isLabelHidden
          label={t("people.invitation")}
          value={of(query.invitation)}
          onChange={(value) => change({ invitation: back(value) })}
          options={[{ value: ANY, label: t("people.anyInvitation") }, ...INVITATIONS.map((state) => ({ value: state, label: t(`invitation.${state}`) }))]}
        />
        <Choice
          isLabelHidden
          label={t("people.column.used")}
          value={of(query.idle)}
          onChange={(value) => change({ idle: back(value) })}
          options={[{ value: ANY, label: t("people.anyUse") }, ...LAST_USES.map((days) => ({ value: days, label: t("people.idle", { count: Number(days) }) }))]}
        />
        {isNarrowed(query) ? (
          <Button look="bare" isSmall onPress={() => onChange({ ...NO_QUERY, order: query.order, isDescending: query.isDescending })}>
            {t("people.clearFilters")}
          </Button>
        ) : null}
      </div>
    </div>
  );
});
