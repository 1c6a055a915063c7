import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { asker } from "./ask.ts";
import { gather, measure } from "./furnish.ts";
import { enter, isAccessible, isQuiet, launch, visit, type Visitor } from "./visitor.ts";

const house = inject("house");
let browser: Browser;
let visitor: Visitor;
beforeAll(async () => {
  browser = await launch();
  visitor = await visit(browser);
  const ask = await asker(house);
  await gather(ask, "Draughtspeople");
  await measure(ask);
  await enter(visitor, house, "/products");
  await visitor.page.getByRole("heading", { name: "Products", level: 1 }).waitFor();
});
afterAll(() => browser.close());

const HEADER = "First Name,Last Name,Email,Role,Products";
const csv = (rows: string[]) => ({ name: "newcomers.csv", mimeType: "text/csv", buffer: Buffer.from([HEADER, ...rows].join("\n")) });

it("one person is invited, and stands in the list", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/invite`);
  await page.getByLabel("E-mail address").fill("not an address");
  await page.getByRole("button", { name: /^Invite 0/ }).click();
  await page.getByText("Enter an e-mail address").waitFor();
  await page.getByLabel("E-mail address").fill("ines.invited@console.example");
  await page.getByLabel("Given name").fill("Ines");
  await page.getByLabel("Family name").fill("Invited");
  await page.getByRole("button", { name: "Invite 1 person" }).click();
  await page.getByText("1 person is invited.").waitFor();
  await isAccessible(visitor, "invited");
  await page.getByRole("link", { name: "ines.invited@console.example" }).click();
  await page.getByRole("complementary").getByRole("heading", { name: "Ines Invited" }).waitFor();
  isQuiet(visitor, house);
});

it("a pasted list is understood while it is typed, and each person has an outcome", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/invite`);
  await page.getByText("Several, from a list").click();
  await page.getByLabel("Paste names and addresses").fill('Lea List <lea@console.example>, "Row, Rita" <rita@console.example>\nlea@console.example\nnonsense');
  await page.getByText("2 people understood · 1 entry to look at").waitFor();
  await isAccessible(visitor, "understood");
  await page.getByText("Muster Draw").click();
  await page.getByRole("button", { name: "Invite 2 people" }).click();
  await page.getByText("2 people are invited.").waitFor();
  expect(await page.getByRole("row", { name: /console.example/ }).count()).toBe(2);
  isQuiet(visitor, house);
});

it("a file is tried out, confirmed, followed over a reload, and tells what failed", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/imports`);
  const rows = Array.from({ length: 1_000 }, (_, place) => `Person,Number ${place},p${place}@import.example,,DRAW`);
  await page.locator("input[type=file]").setInputFiles(csv([...rows, "Nobody,Without,,,"]));
  await page.getByRole("heading", { name: "What would happen" }).waitFor({ timeout: 30_000 });
  await page.getByRole("heading", { name: "1 row with a mistake" }).waitFor();
  await page.getByRole("cell", { name: "Last Name", exact: true }).waitFor();
  await isAccessible(visitor, "tried out");
  await page.getByRole("button", { name: "Import now" }).click();
  await page.reload();
  await page.getByText("Done, with mistakes").waitFor({ timeout: 40_000 });
  await page.getByRole("heading", { name: "What became of it" }).waitFor();
  await isAccessible(visitor, "done");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download the failed rows" }).click()]);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);
  await page.getByRole("link", { name: "Import" }).first().click();
  await page.getByRole("link", { name: "newcomers.csv" }).waitFor();
  isQuiet(visitor, house);
});

it("a table is pasted, and a file that is none is refused with the reason", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/imports`);
  await page.locator("input[type=file]").setInputFiles({ name: "empty.csv", mimeType: "text/csv", buffer: Buffer.from("") });
  await page.getByText("The file has no row.").waitFor();
  await page.getByRole("button", { name: "Paste a table" }).click();
  await page.getByText("Only add them, invite them later").click();
  await page.getByLabel("Table as text").fill("First Name\tLast Name\tEmail\nPia\tPasted\tpia@import.example");
  await isAccessible(visitor, "pasted");
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("heading", { name: "What would happen" }).waitFor({ timeout: 30_000 });
  await page.getByRole("listitem").filter({ hasText: "mails to be sent" }).getByText("0", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByText("Stopped", { exact: true }).waitFor();
  isQuiet(visitor, house);
});

it("headings that nobody understands are named by hand", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/imports`);
  const buffer = Buffer.from("Rufname,Sippe,Elektropost\nOda,Ordnung,oda@import.example");
  await page.locator("input[type=file]").setInputFiles({ name: "odd.csv", mimeType: "text/csv", buffer });
  await page.getByText("A column is missing.").waitFor({ timeout: 30_000 });
  for (const [column, meaning] of [
    ["Rufname", "Given name"],
    ["Sippe", "Family name"],
    ["Elektropost", "E-mail address"],
  ] as const) {
    await page.getByRole("button", { name: new RegExp(`Meaning of ${column}`) }).click();
    await page.getByRole("option", { name: meaning }).click();
  }
  await isAccessible(visitor, "columns");
  await page.getByRole("button", { name: "Check again" }).click();
  await page.getByRole("heading", { name: "What would happen" }).waitFor({ timeout: 30_000 });
  await page.getByText("1 row read").waitFor();
  isQuiet(visitor, house);
});

it("no connection and a server in trouble are told, and are got over", async () => {
  const own = await visit(browser);
  const { page, context } = own;
  await enter(own, house, "/products");
  await page.getByRole("heading", { name: "Products", level: 1 }).waitFor();
  await context.setOffline(true);
  await page.getByText("You are offline.").waitFor();
  // A screen that was not looked at before keeps its place, and comes with the connection.
  await page.getByRole("link", { name: "People" }).click();
  await page.waitForTimeout(500);
  await page.getByText("You are offline.").waitFor();
  await context.setOffline(false);
  await page.getByRole("heading", { name: "People", level: 1 }).waitFor();
  await page.goto(`${house.url}/invite`);
  await page.getByRole("button", { name: "Invite 0 people" }).waitFor();
  await page.route("**/graphql", (route) =>
    route.fulfill({ status: 503, headers: { "content-type": "application/json", "x-request-id": "asked-for-1" }, body: JSON.stringify({ errors: [{ message: "away", extensions: { code: "UNAVAILABLE" } }] }) }),
  );
  await page.goto(`${house.url}/products`);
  await page.getByText("The server is busy").waitFor();
  await page.getByText("Request asked-for-1").waitFor();
  await isAccessible(own, "busy");
  await page.unroute("**/graphql");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Products", level: 1 }).waitFor();
  await context.close();
});

it("a session that ended is told, and what was typed stays", async () => {
  const own = await visit(browser);
  const { page, context } = own;
  await enter(own, house, "/invite");
  await page.getByRole("button", { name: "Invite 0 people" }).waitFor();
  // The session is ended elsewhere: what was typed stays.
  await page.getByLabel("E-mail address").fill("typed@console.example");
  await page.evaluate(() => fetch("/auth/sign-out", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }));
  await page.getByRole("button", { name: "Invite 1 person" }).click();
  const again = page.getByRole("dialog", { name: "Sign in again" });
  await again.waitFor();
  await isAccessible(own, "session ended");
  await again.getByLabel("Password").fill(house.password);
  const before = own.requests.length;
  await again.getByRole("button", { name: "Sign in", exact: true }).click();
  await again.waitFor({ state: "hidden" });
  expect(await page.getByLabel("E-mail address").inputValue()).toBe("typed@console.example");
  // Who they are now is asked once, and nothing else.
  await page.waitForTimeout(500);
  expect(own.requests.slice(before).filter((request) => request.endsWith("/graphql"))).toHaveLength(1);
  await context.close();
});

it.each(["light", "dark"] as const)("every screen is accessible: %s", async (scheme) => {
  const looks = await visit(browser, { scheme, width: 420 });
  await enter(looks, house, "/invite");
  await looks.page.getByRole("heading", { name: "Invite people" }).waitFor();
  await looks.page.getByText("seats free").first().waitFor();
  await isAccessible(looks, "invite");
  for (const [path, heading] of [
    ["/imports", "Earlier imports"],
    ["/products", "Muster Draw"],
  ] as const) {
    await looks.page.goto(`${house.url}${path}`);
    await looks.page.getByRole("heading", { name: heading }).waitFor();
    await isAccessible(looks, path);
    const overflow = await looks.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, path).toBe(0);
  }
  isQuiet(looks, house);
  await looks.context.close();
});

/** The pictures of docs/console.md; `UPDATE_DOCS=1` keeps them. A picture is small enough to be read with the text. */
const LARGEST = 150 * 1024;

it.each([
  ["light", 1280, 720],
  ["dark", 1280, 720],
  ["light", 390, 780],
  ["dark", 390, 780],
] as const)("pictures are taken: %s, %i by %i", async (scheme, width, height) => {
  const looks = await visit(browser, { scheme, width, height });
  const { page } = looks;
  const name = (what: string) => `${what}-${width < 800 ? "phone" : "desktop"}-${scheme}.png`;
  const take = async (what: string) => {
    await page.mouse.move(0, 0);
    await page.waitForTimeout(200);
    const picture = await page.screenshot();
    expect(picture.length, what).toBeLessThan(LARGEST);
    if (process.env.UPDATE_DOCS) writeFileSync(join(import.meta.dirname, "../../docs/console", name(what)), picture);
  };
  await page.goto(`${house.url}/sign-in`);
  await page.getByLabel("E-mail address").waitFor();
  if (width < 800) await take("sign-in");
  await enter(looks, house, "/people");
  await page.locator(".person-name").first().waitFor();
  await take("people");
  if (width > 800) {
    await page.locator(".person-name", { hasText: "Kővári" }).first().click();
    await page.getByRole("complementary").getByRole("heading", { name: "Profile" }).waitFor();
    await take("person");
    await page.goto(`${house.url}/invite`);
    await page.getByText("Several, from a list").click();
    await page.getByLabel("Paste names and addresses").fill("Ada Lovelace <ada@console.example>; grace@console.example\nHopper, Grace <grace@console.example>\nAlan Turing, at the institute");
    await page.getByText("2 people understood").waitFor();
    await take("invite");
    await page.goto(`${house.url}/imports`);
    await page.getByRole("link", { name: "people-1.csv" }).click();
    await page.getByRole("heading", { name: "What became of it" }).waitFor();
    await take("import");
  }
  await page.goto(`${house.url}/products`);
  await page.getByRole("link", { name: "Muster Draw" }).waitFor();
  await take("products");
  if (width > 800) {
    await page.getByRole("link", { name: "Muster Draw" }).click();
    await page.locator("#row-0 .person-name").waitFor();
    await take("product");
    await page.goto(`${house.url}/groups`);
    await page.getByRole("link", { name: "Draughtspeople" }).click();
    await page.locator("#row-0 .person-name").waitFor();
    await take("group");
    await page.goto(`${house.url}/reports/usage`);
    await page.getByRole("img", { name: /^Active people/ }).waitFor();
    await page.locator("#row-0 .person-name").waitFor();
    await take("usage");
  }
  await looks.context.close();
});
