// Understanding a pasted list of people while it is typed. The server reads every such list by itself and has the last word; this is so that mistakes are
// seen where they stand, before anything is sent. What is understood here is sent in the plainest form there is, one entry a line.

export type EntryState = "good" | "duplicate" | "mistake" | "domain";

export interface Entry {
  /** As it stands in the text. */
  typed: string;
  email: string | null;
  givenName: string;
  familyName: string;
  state: EntryState;
  /** Where it stands, from 1. */
  line: number;
}

/** More people than that go through an import. */
export const MOST = 200;

const ADDRESS = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/u;
// As strict as is certain to be right: what passes may still be refused by the server.
const WELL_FORMED = /^[^\s@"(),:;<>[\]\\]{1,64}@(?=.{1,253}$)[^\s@.,"()<>]+(\.[^\s@.,"()<>]+)*\.[^\s@.,"()<>]{2,}$/u;

export function isAddress(text: string): boolean {
  const local = text.slice(0, text.lastIndexOf("@"));
  return WELL_FORMED.test(text) && !local.startsWith(".") && !local.endsWith(".") && !local.includes("..");
}

/** Cuts at line ends and semicolons, and at a comma behind an address; what stands in quotes or brackets is kept whole. */
export function cut(text: string): { typed: string; line: number }[] {
  const pieces: { typed: string; line: number }[] = [];
  let piece = "";
  let line = 1;
  let start = 1;
  let isQuoted = false;
  const end = () => {
    const typed = piece.trim();
    if (/[^\s,，、]/u.test(typed)) pieces.push({ typed, line: start });
    piece = "";
    start = line;
  };
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (character === "\n" || character === "\r") {
      isQuoted = false;
      if (character === "\n") line += 1;
      end();
      start = line;
    } else if (isQuoted) piece += character;
    else if (/[;；]/u.test(character)) end();
    else if (/[,，、]/u.test(character) && piece.includes("@")) end();
    else if (/[\s\u00a0]/u.test(character) && isAddress(piece.trim()) && !/[<"]/u.test(piece)) end();
    else if (character === ">") {
      piece += character;
      end();
    } else piece += character;
  }
  end();
  return pieces;
}

/** A name in either order; a comma says that the family name comes first. */
export function names(text: string): { givenName: string; familyName: string } {
  const plain = text
    .replace(/["“”„«»]/gu, " ")
    .replace(/[,\s\-–:|]+$/u, "")
    .replace(/^[\s,•*\-–]+/u, "")
    .replace(/\s+/gu, " ")
    .trim();
  const comma = plain.indexOf(",");
  if (comma > 0) return { givenName: plain.slice(comma + 1).trim(), familyName: plain.slice(0, comma).trim() };
  const space = plain.lastIndexOf(" ");
  if (space < 0) return { givenName: plain, familyName: "" };
  return { givenName: plain.slice(0, space), familyName: plain.slice(space + 1) };
}

export function understand(text: string, allowedDomains: readonly string[] = []): Entry[] {
  const seen = new Set<string>();
  return cut(text).map(({ typed, line }): Entry => {
    const found = ADDRESS.exec(typed)?.[0] ?? null;
    if (!found || !isAddress(found)) return { typed, email: found, givenName: "", familyName: "", state: "mistake", line };
    const before = typed.slice(0, typed.indexOf(found)).replace(/[<(]\s*$/u, "");
    const rest = typed.slice(typed.indexOf(found) + found.length).replace(/^[>)\s]+/u, "");
    const { givenName, familyName } = names(before || rest);
    const key = found.toLowerCase();
    const domain = key.slice(key.lastIndexOf("@") + 1);
    const isAllowed = allowedDomains.length === 0 || allowedDomains.some((one) => one.toLowerCase() === domain);
    const state: EntryState = seen.has(key) ? "duplicate" : isAllowed ? "good" : "domain";
    seen.add(key);
    return { typed, email: found, givenName, familyName, state, line };
  });
}

/** Who is sent, in order: each address once, and nothing that is surely wrong. */
export const toSend = (entries: readonly Entry[]) => entries.filter(({ state }) => state === "good");

/** The plainest list that says the same. */
export function asList(entries: readonly Entry[]): string {
  const quoted = (name: string) => `"${name.replaceAll('"', "")}"`;
  return entries
    .map(({ email, givenName, familyName }) => {
      if (familyName && givenName) return `${quoted(`${familyName}, ${givenName}`)} <${email ?? ""}>`;
      return givenName || familyName ? `${quoted(givenName || familyName)} <${email ?? ""}>` : (email ?? "");
    })
    .join("\n");
}
