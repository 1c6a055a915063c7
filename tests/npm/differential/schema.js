// The schema of graphql/tests/engine/schema.graphql as graphql-js serves it. What each field answers is said there.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSchema } from "graphql";

const file = join(dirname(fileURLToPath(import.meta.url)), "../../../graphql/tests/engine/schema.graphql");
export const schema = buildSchema(readFileSync(file, "utf8"));

const COLORS = ["RED", "GREEN", "BLUE"];
const exists = (n) => n >= 1 && n <= 999;

function fail(code) {
  throw new Error(code);
}

/** Numbers from `start` on, `count` of them. */
const range = (start, count) => Array.from({ length: count }, (_, index) => start + index);

const maybeItem = (n) => (exists(n) ? item(n) : null);
const thingOf = (n) => (n % 2 === 0 ? item(n) : note(n));
const maybeThing = (n) => (exists(n) ? thingOf(n) : null);

function item(n) {
  return {
    __typename: "Item",
    id: `item-${n}`,
    n,
    name: n === 3 ? 'Item 3\n"' : `Item ${n}`,
    note: n % 3 === 0 ? null : `note ${n}`,
    color: COLORS[n % 3],
    colors: COLORS.slice(0, n % 4),
    even: n % 2 === 0,
    held: () => note(n),
    heldMaybe: () => (n % 2 === 0 ? note(n) : null),
    notes: () => range(n, n % 4).map(note),
    next: () => (n % 5 === 0 ? null : maybeItem(n + 1)),
    nextSure: () => (n % 3 === 0 ? null : maybeItem(n + 1)),
    thing: () => (n % 4 === 0 ? null : maybeThing(n + 1)),
    things: () => [thingOf(n), thingOf(n + 1)],
    children: (args) => page(10 * n + 1, 4, args),
    looked: 100 + n,
    guarded: () => fail("FORBIDDEN"),
    own: () => (n === 1 ? n : fail("FORBIDDEN")),
    broken: () => fail("INTERNAL"),
    brokenSure: () => fail("INTERNAL"),
    times: ({ by }) => (by === null || by === undefined ? null : n * by),
  };
}

function note(n) {
  return {
    __typename: "Note",
    id: `note-${n}`,
    n,
    name: `Note ${n}`,
    text: n % 4 === 0 ? null : `text ${n}`,
    item: () => (n % 7 === 0 ? null : maybeItem(n)),
  };
}

const isGiven = (value) => value !== null && value !== undefined;

/** A page of the items `start`, `start` + 1, …, `count` of them. */
function page(start, count, { first, after, last, before }) {
  const backwards = isGiven(last);
  const length = last ?? first ?? 2;
  const cursor = backwards ? before : after;
  const isWrong =
    (isGiven(first) && backwards) ||
    isGiven(backwards ? after : before) ||
    length < 0 ||
    length > 3 ||
    (isGiven(cursor) && !/^c[0-9]{1,4}$/.test(cursor));
  if (isWrong) {
    fail("BAD_USER_INPUT");
  }
  const all = range(start, count).filter(exists);
  const from = isGiven(cursor) ? Number(cursor.slice(1)) : null;
  const beyond = all.filter((n) => from === null || (backwards ? n < from : n > from));
  const here = backwards ? beyond.slice(Math.max(0, beyond.length - length)) : beyond.slice(0, length);
  const hasMore = here.length < beyond.length;
  const edges = here.map((n) => ({ cursor: `c${n}`, node: () => item(n) }));
  return {
    edges,
    nodes: () => here.map(item),
    pageInfo: {
      hasNextPage: backwards ? from !== null : hasMore,
      hasPreviousPage: backwards ? hasMore : from !== null,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: all.length,
  };
}

function written(value, isEnum) {
  if (value === undefined) return "-";
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map((one) => written(one, isEnum)).join(",")}]`;
  return isEnum ? value : JSON.stringify(value);
}

function writtenInput(input) {
  if (!isGiven(input)) return written(input);
  const { a, b, c, d, e } = input;
  return `{a=${written(a)},b=${written(b)},c=${written(c, true)},d=${writtenInput(d)},e=${written(e, true)}}`;
}

/** What the roots answer; made anew for each request, so that the counter starts at 0. */
export function roots() {
  let total = 0;
  return {
    item: ({ n }) => maybeItem(n),
    itemSure: ({ n }) => maybeItem(n),
    items: ({ count }) => (count < 0 || count > 5 ? fail("BAD_USER_INPUT") : range(1, count).map(item)),
    thing: ({ n }) => maybeThing(n),
    things: ({ ns }) => (ns.length > 5 ? fail("BAD_USER_INPUT") : ns.map(maybeThing)),
    all: (args) => page(1, 7, args),
    echo: ({ text, number, flag, list, input }) =>
      `text=${written(text)};number=${written(number)};flag=${written(flag)};list=${written(list)};input=${writtenInput(input)}`,
    guarded: () => fail("FORBIDDEN"),
    broken: () => fail("INTERNAL"),
    brokenSure: () => fail("INTERNAL"),
    bump: ({ input: { by } }) => {
      if (by === 99) fail("INTERNAL");
      if (by === 98) fail("FORBIDDEN");
      if (by < 0) {
        const error = { __typename: "GenericUserError", message: "by must not be negative", code: "INVALID", field: ["input", "by"] };
        return { counter: null, userErrors: [error] };
      }
      total += by;
      const now = total;
      return { counter: { total: now, item: () => maybeItem(now) }, userErrors: [] };
    },
  };
}
