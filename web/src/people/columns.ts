// The columns of the list, and which of them are shown. The name is always there.
import type { UserOrderField } from "../api/generated/graphql.ts";
import type { Key } from "../language/language.ts";

export type ColumnName = "role" | "status" | "products" | "used" | "added";

export interface Column {
  name: "person" | ColumnName;
  label: Key;
  order?: UserOrderField;
}

export const PERSON: Column = { name: "person", label: "people.column.person", order: "DISPLAY_NAME" };
export const COLUMNS: (Column & { name: ColumnName })[] = [
  { name: "role", label: "people.column.role", order: "ROLE" },
  { name: "status", label: "people.column.status", order: "STATUS" },
  { name: "products", label: "people.column.products" },
  { name: "used", label: "people.column.used", order: "LAST_SIGNED_IN_AT" },
  { name: "added", label: "people.column.added", order: "CREATED_AT" },
];
const USUAL: ColumnName[] = ["role", "status", "products", "used"];

export function readColumns(text: string | null): ColumnName[] {
  if (text === null) return USUAL;
  const named = text.split(".");
  return COLUMNS.map(({ name }) => name).filter((name) => named.includes(name));
}

export function writeColumns(columns: readonly ColumnName[]): string | null {
  return columns.join(".") === USUAL.join(".") ? null : columns.join(".");
}
