// What an event says, in words.
import { SETTINGS } from "../account/settings.ts";
import { formatMoment } from "../language/format.ts";
import { text, textIfAny } from "../language/language.ts";

/** What was done; what has no words yet by its own name, as have attempts that were refused before they began. */
export const nameOfAction = (action: string) => textIfAny(`did.${action}`) ?? action;

/** The words that actions begin with, as filters offer them. */
export const SUBJECTS = ["accounts", "users", "invitations", "seats", "groups", "imports", "exports", "bulk_jobs", "contracts", "identity_providers", "sso", "domains", "sessions", "api_tokens", "subscriptions", "usage", "access_requests", "credits", "support"] as const;

/** Kinds of values that have words of their own, by the field that they stand in. */
const KINDS: Record<string, string> = { role: "role", status: "status", view: "account.view", plan: "account.plan", enforcement: "signOn.enforcement" };
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** A value that was changed: as people say it where there are words for it, as it is where there are none. */
export function sayValue(field: string, value: string): string {
  if (MOMENT.test(value) && !Number.isNaN(Date.parse(value))) return formatMoment(value);
  const last = field.split(".").pop() ?? field;
  if (value === "true" || value === "false") return textIfAny(`audit.is.${value}`) ?? value;
  const kind = KINDS[last];
  return (kind ? (textIfAny(`${kind}.${value}`) ?? (last === "status" ? textIfAny(`signOn.status.${value}`) : null)) : null) ?? value;
}

/** What was changed: a setting as the account's screen has it, anything else as people say it; what has no words by its name of the API. */
export function sayField(field: string): string {
  const setting = SETTINGS.find(({ name }) => name === field);
  return setting ? text(setting.label) : (textIfAny(`audit.field.${field}`) ?? field);
}
