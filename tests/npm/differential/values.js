// Values for arguments and variables: as a literal, as JSON, or by a variable.
import { getNamedType, isEnumType, isInputObjectType, isListType, isNonNullType } from "graphql";

/** Numbers at which fields of the schema change what they answer. */
const NUMBERS = [-1, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 12, 98, 99, 100, 120, 1000];
const TEXTS = ["", "x", "c1", "c2", "c5", "c13", "c9999", "c", "with \"quotes\"", "line\nfeed", "ünï", "c12345"];

/** A value of a type, as JSON. Now and then null where that is allowed. */
export function plain(chance, type, depth = 0) {
  if (isNonNullType(type)) return present(chance, type.ofType, depth);
  return chance.happens(0.15) ? null : present(chance, type, depth);
}

function present(chance, type, depth) {
  if (isListType(type)) {
    // A single value stands for a list of it.
    if (chance.happens(0.1)) return present(chance, bare(type.ofType), depth);
    return Array.from({ length: chance.below(4) }, () => plain(chance, type.ofType, depth));
  }
  if (isEnumType(type)) return chance.one(type.getValues()).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => mayStand(field, depth) && chance.happens(0.4));
    return Object.fromEntries(fields.map((field) => [field.name, plain(chance, field.type, depth + 1)]));
  }
  return { Int: () => chance.one(NUMBERS), String: () => chance.one(TEXTS), Boolean: () => chance.happens(0.5), ID: () => chance.one(TEXTS) }[type.name]();
}

/** Mostly wrong for the type at hand, here and there right. */
const STRANGE = [{ nope: 1 }, { a: 1 }, {}, "strange", "RED", 1, 1.5, 2147483648, true, [], [[1]], [null], null];

/** A value of which one part, or the whole, is strange. */
export function spoilt(chance, value) {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0 || chance.happens(0.3)) return chance.one(STRANGE);
  const part = chance.one(Object.keys(value));
  const copy = Array.isArray(value) ? [...value] : { ...value };
  copy[part] = spoilt(chance, value[part]);
  return copy;
}

/** JSON as a literal of whatever type it looks like. */
function untyped(value) {
  if (Array.isArray(value)) return `[${value.map(untyped).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, one]) => `${name}: ${untyped(one)}`).join(", ")}}`;
}

const bare = (type) => (isNonNullType(type) ? type.ofType : type);

/** Inputs lead back to themselves; three levels show all there is. */
const mayStand = (field, depth) => depth < 2 || !isInputObjectType(getNamedType(field.type));

/** JSON as a literal of a type. */
export function literal(value, type) {
  const inner = bare(type);
  if (value === null) return "null";
  if (isListType(inner)) {
    return Array.isArray(value) ? `[${value.map((one) => literal(one, inner.ofType)).join(", ")}]` : literal(value, inner.ofType);
  }
  if (isInputObjectType(inner)) {
    return `{${Object.entries(value).map(([name, one]) => `${name}: ${literal(one, inner.getFields()[name].type)}`).join(", ")}}`;
  }
  return isEnumType(inner) ? value : JSON.stringify(value);
}

/** A literal in which variables may stand. `hasDefault`: the place has a default of its own. */
export function mixed(chance, variables, type, hasDefault, depth = 0) {
  if (chance.happens(0.25)) return variables.take(type, hasDefault);
  const inner = bare(type);
  if (isListType(inner) && chance.happens(0.7)) {
    return `[${Array.from({ length: chance.below(4) }, () => mixed(chance, variables, inner.ofType, false, depth)).join(", ")}]`;
  }
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields()).filter((field) => mayStand(field, depth) && chance.happens(0.4));
    const given = fields.map((field) => `${field.name}: ${mixed(chance, variables, field.type, field.defaultValue !== undefined, depth + 1)}`);
    return `{${given.join(", ")}}`;
  }
  const value = plain(chance, type, depth);
  return chance.happens(0.003) ? untyped(spoilt(chance, value)) : literal(value, type);
}

/** The variables of one operation: declared when they are used, and given, left out or null as their types allow. */
export class Variables {
  given = {};
  #chance;
  #prefix;
  #known = [];

  constructor(chance, prefix) {
    this.#chance = chance;
    this.#prefix = prefix;
  }

  /** A variable that may stand where this type is wanted. */
  take(type, hasDefault) {
    const chance = this.#chance;
    const wanted = `${type}|${hasDefault}`;
    const known = this.#known.filter((variable) => variable.wanted === wanted);
    if (known.length > 0 && chance.happens(0.4)) return `$${chance.one(known).name}`;
    return `$${this.#declare(type, hasDefault, wanted)}`;
  }

  #declare(type, hasDefault, wanted) {
    const chance = this.#chance;
    const name = `${this.#prefix}${this.#known.length}`;
    const inner = bare(type);
    let declared = type;
    let initial;
    if (chance.happens(0.35)) {
      initial = present(chance, inner, 1);
    } else if (!isNonNullType(type) && chance.happens(0.2)) {
      initial = null;
    }
    if (isNonNullType(type) && (hasDefault || isGiven(initial)) && chance.happens(0.6)) {
      declared = inner;
    } else if (!isNonNullType(type) && initial !== null && chance.happens(0.2)) {
      declared = `${inner}!`;
    }
    const isRequired = `${declared}`.endsWith("!");
    if (isRequired && initial === undefined) {
      this.given[name] = present(chance, inner, 1);
    } else if (chance.happens(0.6)) {
      this.given[name] = isRequired ? present(chance, inner, 1) : plain(chance, inner, 1);
    }
    const isStrange = initial !== undefined && chance.happens(0.01);
    const told = isStrange ? untyped(spoilt(chance, initial)) : initial === undefined ? "" : literal(initial, type);
    const tail = initial === undefined ? "" : ` = ${told}`;
    this.#known.push({ name, wanted, text: `$${name}: ${declared}${tail}` });
    return name;
  }

  /** A condition of `@skip` and `@include`: never null, since the specification leaves open what that would mean. */
  condition() {
    const chance = this.#chance;
    if (chance.happens(0.4)) return chance.one(["true", "false"]);
    const name = `${this.#prefix}${this.#known.length}`;
    const value = chance.happens(0.5);
    const text = chance.one([`$${name}: Boolean!`, `$${name}: Boolean! = ${value}`, `$${name}: Boolean = ${value}`]);
    if (!text.includes("=") || chance.happens(0.4)) this.given[name] = chance.happens(0.5);
    this.#known.push({ name, wanted: "", text });
    return `$${name}`;
  }

  toString() {
    return this.#known.length === 0 ? "" : `(${this.#known.map(({ text }) => text).join(", ")})`;
  }
}

const isGiven = (value) => value !== null && value !== undefined;
