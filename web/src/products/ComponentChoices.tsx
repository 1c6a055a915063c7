import type { ProductHeadFragment } from "../api/generated/graphql.ts";
import { Choices } from "../design/fields.tsx";
import { useText } from "../language/language.ts";

type Component = Pick<ProductHeadFragment["components"][number], "id" | "name" | "isRequired" | "isEnabledByDefault">;

export const usualOf = (components: readonly Component[]) => components.filter(({ isEnabledByDefault, isRequired }) => isEnabledByDefault || isRequired).map(({ id }) => id);

interface ChoicesProps {
  components: readonly Component[];
  value: readonly string[];
  onChange: (ids: string[]) => void;
  label?: string;
}

/** The parts of a product that are on. What it cannot be without stays. */
export function ComponentChoices({ components, value, onChange, label }: ChoicesProps) {
  const t = useText();
  if (components.length < 2) return null;
  const options = components.map(({ id, name, isRequired }) => ({ value: id, label: name, isDisabled: isRequired, ...(isRequired ? { note: t("person.requiredPart") } : {}) }));
  return <Choices label={label ?? t("products.components")} options={options} value={value} onChange={onChange} />;
}
