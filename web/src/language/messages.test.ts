import { describe, expect, it } from "vitest";
import { choose, LANGUAGES, render, type Messages, type Plural } from "./language.ts";
import deBooks from "./messages/books/de.json";
import enBooks from "./messages/books/en.json";
import frBooks from "./messages/books/fr.json";
import jaBooks from "./messages/books/ja.json";
import deFirst from "./messages/de.json";
import enFirst from "./messages/en.json";
import frFirst from "./messages/fr.json";
import jaFirst from "./messages/ja.json";
import deOwn from "./messages/own/de.json";
import enOwn from "./messages/own/en.json";
import frOwn from "./messages/own/fr.json";
import jaOwn from "./messages/own/ja.json";

const en: Messages = { ...enFirst, ...enOwn, ...enBooks };
const ALL: Record<(typeof LANGUAGES)[number], Messages> = {
  en,
  de: { ...deFirst, ...deOwn, ...deBooks },
  fr: { ...frFirst, ...frOwn, ...frBooks },
  ja: { ...jaFirst, ...jaOwn, ...jaBooks },
};
const formsOf = (message: string | Plural): string[] => (typeof message === "string" ? [message] : Object.values(message));
const placesOf = (message: string | Plural) => new Set(formsOf(message).flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)));

describe.each(LANGUAGES)("the messages in %s", (language) => {
  const messages = ALL[language];

  it("have every key, and no other", () => {
    expect(Object.keys(messages).sort()).toEqual(Object.keys(en).sort());
  });

  it("say something, with the same values in it", () => {
    for (const [key, message] of Object.entries(messages)) {
      for (const form of formsOf(message)) expect(form.trim(), key).not.toBe("");
      expect(placesOf(message), key).toEqual(placesOf(en[key] ?? ""));
    }
  });

  it("have the plural forms that the language has, and only those", () => {
    // The rule of French and others for millions (`many`) says the same as `other` here.
    const known = new Intl.PluralRules(language).resolvedOptions().pluralCategories.filter((category) => category !== "many");
    for (const [key, message] of Object.entries(messages)) {
      if (typeof message === "string") expect(typeof en[key], key).toBe("string");
      else expect(Object.keys(message).sort(), key).toEqual([...known].sort());
    }
  });
});

it("no text stands in two files", () => {
  const keys = [enFirst, enOwn, enBooks].flatMap((texts) => Object.keys(texts));
  expect(keys.length).toBe(new Set(keys).size);
});

describe("other languages", () => {
  it.each(["de", "fr", "ja"] as const)("are not left in English: %s", (language) => {
    const same = Object.keys(en).filter((key) => JSON.stringify(ALL[language][key]) === JSON.stringify(en[key]));
    // Some words are the same in two languages; sentences are not.
    expect(same.length, same.join(" ")).toBeLessThan(25);
  });

  it("are chosen by the first that there are messages for", () => {
    expect(choose(["pt-BR", "de-AT", "fr"])).toBe("de");
    expect(choose(["JA-jp"])).toBe("ja");
    expect(choose(["pt"])).toBe("en");
  });
});

it("a text is written with its numbers as the language writes them", () => {
  const message = { one: "{count} person", other: "{count} people" };
  expect(render(message, "en", { count: 1 })).toBe("1 person");
  expect(render(message, "en", { count: 50_000 })).toBe("50,000 people");
  expect(render({ one: "{count} Person", other: "{count} Personen" }, "de", { count: 50_000 })).toBe("50.000 Personen");
  expect(render("{a} and {b}", "en", { a: "x" })).toBe("x and {b}");
});
