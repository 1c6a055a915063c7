// The columns of a file: which there are, and what each is said to mean. Pure.
import type { ImportColumnMappingInput, ImportField, ImportKind } from "../api/generated/graphql.ts";

/** The fields that a file of people is asked for here. */
export const FIELDS = ["GIVEN_NAME", "FAMILY_NAME", "EMAIL", "ROLE", "PRODUCT", "EXTERNAL_ID", "GROUPS"] as const satisfies ImportField[];
export type KnownField = (typeof FIELDS)[number];
/** What a file may say of a person, and what it has to, by what is done with them. */
export const SAID: Record<ImportKind, readonly KnownField[]> = { USERS: FIELDS, ASSIGNMENTS: ["GIVEN_NAME", "FAMILY_NAME", "EMAIL"], UNASSIGNMENTS: ["EMAIL"] };
const NEEDED: Record<ImportKind, KnownField[]> = { USERS: ["FAMILY_NAME", "EMAIL"], ASSIGNMENTS: ["EMAIL"], UNASSIGNMENTS: ["EMAIL"] };

export interface Column {
  header: string;
  field: KnownField | "";
}

const DELIMITERS = [",", ";", "\t", "|"];

/** The cells of the first line: what stands in quotes is one cell, and a quote in it is doubled. */
function cells(line: string, delimiter: string): string[] {
  const found: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let place = 0; place < line.length; place += 1) {
    const character = line.charAt(place);
    if (character === '"' && isQuoted && line.charAt(place + 1) === '"') {
      cell += '"';
      place += 1;
    } else if (character === '"') isQuoted = !isQuoted;
    else if (character === delimiter && !isQuoted) {
      found.push(cell.trim());
      cell = "";
    } else cell += character;
  }
  return [...found, cell.trim()];
}

/** The headings, by whichever delimiter makes most of them. */
export function headings(text: string): string[] {
  const first = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/).find((line) => line.trim() !== "") ?? "";
  const readings = DELIMITERS.map((delimiter) => cells(first, delimiter));
  return readings.reduce((best, next) => (next.length > best.length ? next : best));
}

/** By heading where it is one, else by place. A field that was chosen twice belongs to the last. */
export function mappingOf(columns: readonly Column[]): ImportColumnMappingInput[] {
  return columns.flatMap(({ header, field }, place) => {
    if (!field) return [];
    const isOne = header !== "" && columns.filter((other) => other.header === header).length === 1;
    return [{ column: isOne ? { header } : { number: place + 1 }, field }];
  });
}

/** A field stands for one column. */
export function choose(columns: readonly Column[], place: number, field: KnownField | ""): Column[] {
  return columns.map((column, index) => (index === place ? { ...column, field } : column.field === field ? { ...column, field: "" } : column));
}

export const lacking = (columns: readonly Column[], kind: ImportKind = "USERS") => NEEDED[kind].filter((field) => !columns.some((column) => column.field === field));

/** `GIVEN_NAME`, as the API says it in either of its ways. */
export function fieldOf(name: string | null | undefined): KnownField | "" {
  const plain = (name ?? "").replaceAll(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();
  return FIELDS.find((field) => field === plain) ?? "";
}

/** A file of these cells, as every reader of CSV understands it. */
export function asCsv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return rows.map((row) => row.map(cell).join(",")).join("\r\n");
}
