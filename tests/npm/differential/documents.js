// Documents over the schema: what is selected of which type, under which keys, through which fragments.
import { getNamedType, isAbstractType, isCompositeType, isNonNullType } from "graphql";
import { Chance } from "./chance.js";
import { schema } from "./schema.js";
import { Variables, mixed, spoilt } from "./values.js";

const composites = Object.values(schema.getTypeMap()).filter((type) => isCompositeType(type) && !type.name.startsWith("__"));
const roots = [schema.getQueryType(), schema.getMutationType()];
/** Types whose values may be of a type, the type itself among them: what a fragment within it may be on. */
const related = new Map(
  composites.map((type) => [type, composites.filter((other) => !roots.includes(other) && overlap(type, other))]),
);

function overlap(one, other) {
  const of = (type) => (isAbstractType(type) ? schema.getPossibleTypes(type) : [type]);
  return of(one).some((type) => of(other).includes(type));
}

/** Slips a validator must see, each added to a document that has none. */
const SLIPS = [
  (text) => text.replace("{", "{ thereIsNoSuchField "),
  (text) => text.replace("{", "{ guarded { n } "),
  (text) => text.replace("{", "{ item "),
  (text) => text.replace("{", "{ echo(number: $nobodyDeclaredThis) "),
  (text) => text.replace("{", "{ echo(number: \"1\") "),
  (text) => text.replace("{", "{ echo(nothing: 1) "),
  (text) => text.replace("{", "{ echo(flag: null) "),
  (text) => text.replace("{", "{ things(ns: [1, null]) { n } "),
  (text) => text.replace("{", "{ item(n: 2147483648) { n } "),
  (text) => text.replace("{", "{ echo(input: {e: \"RED\"}) "),
  (text) => text.replace("{", "{ echo(input: {d: {nope: 1}}) "),
  (text) => text.replace("{", "{ __typename { n } "),
  (text) => text.replace("{", "{ __typename(n: 1) "),
  (text) => text.replace("{", "{ __typename @nope "),
  (text) => text.replace("{", "{ __typename @skip "),
  (text) => text.replace("{", "{ ...Nowhere "),
  (text) => text.replace("{", "{ item { ... on Note { n } } "),
  (text) => `${text} fragment Unused on Item { n }`,
  (text) => `${text} fragment Round on Item { next { ...Round } }`,
];

/** How often a field that fails is taken when it comes up. */
const SELDOM = { brokenSure: 0.03, broken: 0.3, guarded: 0.3, own: 0.4, nextSure: 0.4, itemSure: 0.4 };

export class Documents {
  #chance;

  constructor(seed) {
    this.#chance = new Chance(seed);
  }

  next() {
    const chance = this.#chance;
    const isCareless = chance.happens(0.15);
    if (chance.happens(0.08)) {
      const operations = [0, 1].map((index) => new Operation(chance, `${"ab"[index]}`, isCareless).text(`Op${index}`));
      const chosen = chance.below(3);
      const query = operations.map(({ query }) => query).join("\n");
      // Without a name, and with one nobody has, it is an error to ask for one of two.
      if (chosen === 2) return { query, variables: {}, operationName: chance.one([null, "Op7"]) };
      return { query, variables: operations[chosen].variables, operationName: `Op${chosen}` };
    }
    const made = new Operation(chance, "v", isCareless).text(chance.happens(0.5) ? "Op" : "");
    const names = Object.keys(made.variables);
    if (names.length > 0 && chance.happens(0.05)) {
      const name = chance.one(names);
      const value = spoilt(chance, made.variables[name]);
      // Not null, which a condition may not be.
      if (value !== null) made.variables[name] = value;
    }
    const query = !isCareless && chance.happens(0.04) ? chance.one(SLIPS)(made.query) : made.query;
    return { query, variables: made.variables, operationName: null };
  }
}

class Operation {
  #chance;
  #variables;
  #prefix;
  #isCareless;
  #keys = [];
  #fragments = [];
  /** How many more fields there may be. */
  #left;

  constructor(chance, prefix, isCareless) {
    this.#chance = chance;
    this.#prefix = prefix;
    this.#isCareless = isCareless;
    this.#variables = new Variables(chance, prefix);
    this.#left = 8 + chance.below(50);
  }

  text(name) {
    const isMutation = this.#chance.happens(0.15);
    const root = isMutation ? roots[1] : roots[0];
    const selection = this.#selection(root, 0);
    const kind = isMutation ? "mutation" : "query";
    const variables = `${this.#variables}`;
    const head = kind === "query" && name === "" && variables === "" && this.#chance.happens(0.5) ? "" : `${kind} ${name}${variables} `;
    const fragments = this.#fragments.map(({ text }) => `\n${text}`).join("");
    return { query: `${head}${selection}${fragments}`, variables: this.#variables.given };
  }

  #selection(type, depth) {
    const chance = this.#chance;
    const count = 1 + chance.below(depth === 0 ? 5 : 4);
    const items = Array.from({ length: count }, () => this.#item(type, depth));
    return `{ ${items.join(" ")} }`;
  }

  #item(type, depth) {
    const chance = this.#chance;
    if (depth < 5 && this.#left > 0 && chance.happens(0.22)) {
      return chance.happens(0.5) ? this.#inline(type, depth) : this.#spread(type, depth);
    }
    return this.#field(type, depth);
  }

  #inline(type, depth) {
    const on = this.#overlapping(type);
    const condition = on === type && this.#chance.happens(0.4) ? "" : ` on ${on.name}`;
    return `...${condition}${this.#directives()} ${this.#selection(on, depth + 1)}`;
  }

  #spread(type, depth) {
    const chance = this.#chance;
    const fitting = this.#fragments.filter(({ on }) => on === type || related.get(type).includes(on));
    let fragment = fitting.length > 0 && chance.happens(0.5) ? chance.one(fitting) : null;
    if (fragment === null) {
      const on = this.#overlapping(type);
      // It can be spread once it is written, so none contains itself.
      const selection = this.#selection(on, depth + 1);
      const name = `${this.#prefix.toUpperCase()}${this.#fragments.length}`;
      fragment = { name, on, text: `fragment ${name} on ${on.name} ${selection}` };
      this.#fragments.push(fragment);
    }
    return `...${fragment.name}${this.#directives()}`;
  }

  #overlapping(type) {
    const others = related.get(type);
    return others.length === 0 || this.#chance.happens(0.4) ? type : this.#chance.one(others);
  }

  #field(type, depth) {
    const chance = this.#chance;
    this.#left -= 1;
    const fields = "getFields" in type ? Object.values(type.getFields()) : [];
    const isDeep = depth >= 6 || this.#left <= 0;
    const leaves = fields.filter((field) => !isCompositeType(getNamedType(field.type)));
    if (chance.happens(0.05) || (isDeep && leaves.length === 0)) return this.#named("__typename", [], "");
    const field = this.#chosen(isDeep ? leaves : fields);
    const inner = getNamedType(field.type);
    const args = this.#arguments(field);
    const below = isCompositeType(inner) ? ` ${this.#selection(inner, depth + 1)}` : "";
    return this.#named(field.name, args, below);
  }

  /** One of these fields. Those that fail are rarer, so that most answers are not null from the top. */
  #chosen(fields) {
    const field = this.#chance.one(fields);
    const isPassed = this.#chance.next() > (SELDOM[field.name] ?? 1);
    return isPassed ? this.#chosen(fields) : field;
  }

  #named(name, args, below) {
    const key = this.#isCareless ? this.#carelessKey() : this.#key(name, args);
    const given = args.length === 0 ? "" : `(${this.#chance.shuffled(args).join(", ")})`;
    return `${key}${name}${given}${this.#directives()}${below}`;
  }

  /** The key a field is answered under, with its colon; empty for its own name. None stands for two fields, or for one with two sets of arguments. */
  #key(name, args) {
    const chance = this.#chance;
    const what = `${name}(${args.join()})`;
    const known = this.#keys.filter((key) => key.what === what);
    if (known.length > 0 && chance.happens(0.8)) return chance.one(known).text;
    const isTaken = this.#keys.some((key) => key.text === "" && key.name === name && key.what !== what);
    const text = !isTaken && chance.happens(0.7) ? "" : `k${this.#keys.length}: `;
    this.#keys.push({ name, what, text });
    return text;
  }

  #carelessKey() {
    return this.#chance.happens(0.3) ? `${this.#chance.one(["k0", "k1", "n", "name", "item"])}: ` : "";
  }

  /** Arguments in the order of the schema, by which two lists of them are told to be alike. */
  #arguments(field) {
    const chance = this.#chance;
    const isPage = field.args.some(({ name }) => name === "after");
    const given = field.args.filter((arg) => {
      const isRequired = isNonNullType(arg.type) && arg.defaultValue === undefined;
      return isRequired || chance.happens(isPage ? 0.25 : 0.5);
    });
    return given.map((arg) => `${arg.name}: ${mixed(chance, this.#variables, arg.type, arg.defaultValue !== undefined)}`);
  }

  #directives() {
    const chance = this.#chance;
    if (!chance.happens(0.12)) return "";
    const names = chance.happens(0.15) ? chance.shuffled(["skip", "include"]) : [chance.one(["skip", "include"])];
    return names.map((name) => ` @${name}(if: ${this.#variables.condition()})`).join("");
  }
}
