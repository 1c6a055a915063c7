// Somebody at a browser, and what is watched while they use it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { expect } from "vitest";
import type { House } from "./house.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.MUSTER_TEST_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--force-prefers-reduced-motion"],
  });

export interface Visitor {
  context: BrowserContext;
  page: Page;
  /** Every request of the page, in order. */
  requests: string[];
  /** What the browser complained of: scripts that failed, what the policy forbids. */
  complaints: string[];
}

export interface Looks {
  scheme?: "light" | "dark";
  width?: number;
  height?: number;
  locale?: string;
}

export async function visit(browser: Browser, { scheme = "light", width = 1280, height = 800, locale = "en-GB" }: Looks = {}): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale, reducedMotion: "reduce", timezoneId: "Europe/Berlin" });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const visitor: Visitor = { context, page, requests: [], complaints: [] };
  page.on("request", (request) => {
    // Asking whether there is a provider is answered by a redirect that the page does not follow; the browser tells of it all the same.
    if (request.redirectedFrom() && !request.isNavigationRequest()) return;
    visitor.requests.push(`${request.method()} ${request.url()}`);
  });
  page.on("pageerror", (error) => visitor.complaints.push(error.message));
  page.on("console", (message) => {
    const isRefusal = /Content Security Policy|Refused to/.test(message.text());
    if (isRefusal || (message.type() === "error" && !message.text().startsWith("Failed to load resource"))) visitor.complaints.push(message.text());
  });
  return visitor;
}

/** Signs in with the password, as a person would. */
export async function enter({ page }: Visitor, house: House, path = "/", email = house.email, password = house.password) {
  await page.goto(`${house.url}${path}`);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Continue" }).click();
  const byPassword = page.getByRole("button", { name: "Use a password instead" });
  await byPassword.or(page.getByLabel("Password")).first().waitFor();
  if (await byPassword.isVisible()) await byPassword.click();
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Whoever sees, hears or only touches it: no violation of the accessibility rules that a program can find. */
export async function isAccessible({ page }: Visitor, what: string) {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> } };
    const { violations: found } = await axe.run({ runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } });
    return found.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary ?? ""}`).join(" | ")}`);
  });
  expect(violations, what).toEqual([]);
}

/** Nothing was asked of anybody else, and the browser had nothing to complain of. */
export function isQuiet({ requests, complaints }: Visitor, house: House) {
  const foreign = requests.filter((request) => !request.includes(` ${house.url}/`) && !/ (data|blob):/.test(request));
  expect(foreign).toEqual([]);
  expect(complaints).toEqual([]);
}
