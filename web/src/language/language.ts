// The languages of the console. Texts come from message files alone; a component names a text and what stands in it.
import { useSyncExternalStore } from "react";
import type books from "./messages/books/en.json";
import type en from "./messages/en.json";
import type own from "./messages/own/en.json";

export type Messages = Record<string, string | Plural>;
/** Texts by the plural categories of the language (CLDR); chosen by `count`. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Key = keyof typeof en | keyof typeof own | keyof typeof books;
export type Values = Record<string, string | number>;

export const LANGUAGES = ["en", "de", "fr", "ja"] as const;
export type Language = (typeof LANGUAGES)[number];
/** Each in its own language. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", de: "Deutsch", fr: "Français", ja: "日本語" };

const STORED = "muster.language";
/** One language is fetched, whichever it is; a test holds that all of them have every text. */
const LOADERS: Record<Language, () => Promise<{ default: Messages }>> = {
  en: () => import("./messages/en.json"),
  de: () => import("./messages/de.json"),
  fr: () => import("./messages/fr.json"),
  ja: () => import("./messages/ja.json"),
};

/** Texts of screens that few people open: they come with the first of those screens, in the language that is spoken. */
const MORE = {
  own: {
    en: () => import("./messages/own/en.json"),
    de: () => import("./messages/own/de.json"),
    fr: () => import("./messages/own/fr.json"),
    ja: () => import("./messages/own/ja.json"),
  },
  books: {
    en: () => import("./messages/books/en.json"),
    de: () => import("./messages/books/de.json"),
    fr: () => import("./messages/books/fr.json"),
    ja: () => import("./messages/books/ja.json"),
  },
} satisfies Record<string, Record<Language, () => Promise<{ default: Messages }>>>;
export type Chapter = keyof typeof MORE;

const isLanguage = (name: string): name is Language => (LANGUAGES as readonly string[]).includes(name);

/** The first wanted language that there are messages for; English if there is none. */
export function choose(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const name = tag.toLowerCase().split("-")[0] ?? "";
    if (isLanguage(name)) return name;
  }
  return "en";
}

/** What a text says with these values. Numbers are written as the language writes them. */
export function render(message: string | Plural, locale: string, values: Values = {}): string {
  const count = values.count;
  const text =
    typeof message === "string"
      ? message
      : (message[new Intl.PluralRules(locale).select(typeof count === "number" ? count : 0)] ?? message.other);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : value;
  });
}

let language: Language = "en";
/** With the region that the browser asks for, where it is the same language: it decides how dates and numbers are written. */
let locale = "en";
let messages: Messages = {};
const listeners = new Set<() => void>();

const wantedByBrowser = () => (typeof navigator === "undefined" ? [] : navigator.languages);

function localeFor(chosen: Language): string {
  return wantedByBrowser().find((tag) => tag.toLowerCase().split("-")[0] === chosen) ?? chosen;
}

const chapters = new Set<Chapter>();

/** Everything that is to be said in a language, by now. */
async function textsIn(chosen: Language): Promise<Messages> {
  const parts = await Promise.all([LOADERS[chosen](), ...[...chapters].map((chapter) => MORE[chapter][chosen]())]);
  return Object.assign({}, ...parts.map((part) => part.default)) as Messages;
}

/** Fetches what the screens of a chapter say; done when the texts are there. */
export async function learn(chapter: Chapter) {
  chapters.add(chapter);
  const asked = language;
  const texts = await textsIn(asked);
  if (asked === language) messages = texts;
}

async function load(chosen: Language) {
  messages = await textsIn(chosen);
  language = chosen;
  locale = localeFor(chosen);
  document.documentElement.lang = locale;
  for (const listener of listeners) listener();
}

export const start = () => load(choose([localStorage.getItem(STORED) ?? "", ...wantedByBrowser()]));

export async function speak(chosen: Language) {
  localStorage.setItem(STORED, chosen);
  await load(chosen);
}

export const currentLocale = () => locale;
export const text = (key: Key, values?: Values) => render(messages[key] ?? key, locale, values);
/** A text that there may be none for, such as that of a code which is new. */
export function textIfAny(key: string): string | null {
  const message = messages[key];
  return message === undefined ? null : render(message, locale);
}

/** What a value of the API is called; one that is newer than the messages by its own name. */
export const nameOf = (kind: string, value: string) => textIfAny(`${kind}.${value}`) ?? value.toLowerCase().replaceAll("_", " ");

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useLanguage = () => useSyncExternalStore(subscribe, () => language);
/** The texts, in a component that is drawn anew when the language changes. */
export function useText() {
  useLanguage();
  return text;
}
