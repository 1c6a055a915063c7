import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { asker } from "./ask.ts";
import { measure } from "./furnish.ts";
import { enter, isAccessible, isQuiet, launch, visit, type Visitor } from "./visitor.ts";

const house = inject("house");
let browser: Browser;
let visitor: Visitor;
beforeAll(async () => {
  browser = await launch();
  visitor = await visit(browser);
  await measure(await asker(house));
  await enter(visitor, house, "/reports");
  await visitor.page.getByRole("heading", { name: "Reports", level: 1 }).waitFor();
});
afterAll(() => browser.close());

const dialog = () => visitor.page.getByRole("dialog");

it("use of products is seen over time, by product and by person", async () => {
  const { page } = visitor;
  visitor.requests.length = 0;
  await page.goto(`${house.url}/reports/usage`);
  await page.getByRole("img", { name: /^Active people\. / }).waitFor();
  await page.locator("#row-0 .person-name").waitFor();
  expect(visitor.requests.filter((request) => request.startsWith("POST"))).toHaveLength(3);
  await isAccessible(visitor, "usage");
  await page.getByText("As a table").click();
  await page.getByRole("region", { name: "Active people" }).getByRole("rowheader").nth(3).waitFor();
  await isAccessible(visitor, "a chart as a table");
  await page.getByRole("button", { name: /What is shown/ }).click();
  await page.getByRole("option", { name: "Hours" }).click();
  await page.getByRole("img", { name: /^Hours\. / }).waitFor();
  await page.getByRole("button", { name: /^Week/ }).click();
  await page.getByRole("option", { name: "Month" }).click();
  await page.waitForURL(/by=MONTH/);
  await page.getByRole("button", { name: /All products/ }).click();
  await page.getByRole("option", { name: "Muster Draw" }).click();
  await page.waitForURL(/product=/);
  await expect.poll(() => page.locator(".chart-legend li").count()).toBe(1);
  await page.getByRole("columnheader", { name: "Hours" }).getByRole("button").click();
  await page.waitForURL(/order=-MINUTES/);
  await page.getByRole("searchbox", { name: "Search by name or e-mail" }).fill("nobody is called this");
  await page.getByRole("heading", { name: "Nobody matches" }).waitFor();
  await page.getByRole("button", { name: /Last 90 days/ }).click();
  await page.getByRole("option", { name: "Other days" }).click();
  await page.getByRole("textbox", { name: "From" }).fill("2020-01-01");
  await page.getByText("At most 400 days").waitFor();
  await isAccessible(visitor, "other days");
  isQuiet(visitor, house);
});

it("seats that were not used, and idle ones, are lists of their own", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/reports/usage`);
  await page.getByRole("link", { name: "Not used in a period" }).click();
  await page.getByText(/seats? (was|were) not used/).waitFor();
  await page.locator(".state, .person-name").first().waitFor();
  await isAccessible(visitor, "unused");
  await page.getByRole("link", { name: "Idle seats" }).click();
  await page.getByText(/seats? seems? not to be needed/).waitFor();
  await page.locator(".state, .person-name").first().waitFor();
  await isAccessible(visitor, "idle");
  isQuiet(visitor, house);
});

it("a file is ordered, followed and downloaded", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/reports/exports`);
  await page.getByRole("heading", { name: "Earlier exports" }).waitFor();
  await isAccessible(visitor, "a new export");
  await page.getByText("Their products in one column").click();
  await page.getByRole("button", { name: /Between the cells/ }).click();
  await page.getByRole("option", { name: "Semicolon" }).click();
  await page.getByText("With a byte order mark").click();
  await page.getByRole("button", { name: "Start the export" }).click();
  await page.getByText("The file is being made.").waitFor();
  await page.getByText("Ready").waitFor({ timeout: 30_000 });
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: /^Download: People/ }).click()]);
  const text = readFileSync(await download.path(), "utf8");
  expect(text.split("\r\n")[0]).toMatch(/^"user_id";.*;"products"$/);
  await page.getByText("A line for each event").click();
  await page.getByLabel("From").waitFor();
  await isAccessible(visitor, "an export that is there");
  isQuiet(visitor, house);
});

it("screens and people are found by the keyboard alone, and the keys are told", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/products`);
  await page.getByRole("link", { name: "Muster Draw" }).waitFor();
  await page.keyboard.press("Control+k");
  await dialog().getByRole("option", { name: /People/ }).waitFor();
  await isAccessible(visitor, "the palette");
  await page.keyboard.type("rep");
  await expect.poll(() => dialog().getByRole("option").count()).toBeLessThan(10);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Reports", level: 1 }).waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("ada admin");
  await dialog().getByRole("option", { name: /Ada Admin/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("complementary").getByRole("heading", { name: "Ada Admin" }).waitFor();
  await page.keyboard.press("?");
  await dialog().getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
  await isAccessible(visitor, "shortcuts");
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "hidden" });
  await page.getByRole("searchbox", { name: "Search by name or e-mail" }).focus();
  await page.keyboard.press("?");
  expect(await dialog().count(), "whoever types means the letter").toBe(0);
  isQuiet(visitor, house);
});

it("reports are accessible in the dark, and fit a phone", async () => {
  const looks = await visit(browser, { scheme: "dark", width: 390 });
  const { page } = looks;
  await enter(looks, house, "/reports");
  await page.getByRole("img", { name: /^Active people\. / }).waitFor();
  await page.locator("#row-0 .person-name").waitFor();
  for (const part of ["usage", "unused", "idle", "exports"]) {
    if (part !== "usage") await page.goto(`${house.url}/reports/${part}`);
    await page.locator(".person-name, .state, .former-exports table").first().waitFor();
    await isAccessible(looks, part);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), part).toBe(0);
  }
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await isAccessible(looks, "the palette");
  isQuiet(looks, house);
  await looks.context.close();
});
