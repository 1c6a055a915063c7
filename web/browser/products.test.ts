import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { asker, type Ask } from "./ask.ts";
import { enter, isAccessible, isQuiet, launch, visit, type Visitor } from "./visitor.ts";

const house = inject("house");
let browser: Browser;
let visitor: Visitor;
let ask: Ask;
const ids = new Map<string, string>();
beforeAll(async () => {
  browser = await launch();
  visitor = await visit(browser);
  ask = await asker(house);
  const { account } = await ask<{ account: { products: { nodes: { id: string; code: string }[] } } }>("{ account { products(first: 20) { nodes { id code } } } }");
  for (const { id, code } of account.products.nodes) ids.set(code, id);
  await enter(visitor, house, "/products");
  await visitor.page.getByRole("link", { name: "Muster Draw" }).waitFor();
});
afterAll(() => browser.close());

const open = async (code: string, rest = "") => {
  await visitor.page.goto(`${house.url}/products/${ids.get(code) ?? ""}${rest}`);
  await visitor.page.getByRole("navigation", { name: "Parts of this product’s page" }).waitFor();
};
const dialog = () => visitor.page.getByRole("dialog");
const pick = async (search: string, count: number) => {
  await dialog().getByRole("searchbox").fill(search);
  const options = dialog().getByRole("option").filter({ hasText: search });
  await options.nth(count - 1).waitFor();
  for (let place = 0; place < count; place += 1) await options.nth(place).click();
};

it("seats are seen while they are given, changed, and taken back", async () => {
  const { page } = visitor;
  visitor.requests.length = 0;
  await open("DRAW");
  await page.locator(".person-name").first().waitFor();
  expect(visitor.requests.filter((request) => request.startsWith("POST"))).toHaveLength(3);
  const shown = async () => Number((await page.locator(".product-seats .seat-numbers strong").textContent())?.replaceAll(",", ""));
  const before = await shown();
  await isAccessible(visitor, "who has it");
  await page.getByRole("button", { name: "Assign seats" }).click();
  await pick("harbour", 2);
  await dialog().getByText("2 people chosen").waitFor();
  await dialog().getByLabel("Last day").fill("2099-12-31");
  await isAccessible(visitor, "assigning");
  await dialog().getByRole("button", { name: "Give 2 seats" }).click();
  await page.getByText("2 seats are given.").waitFor();
  await expect.poll(shown).toBe(before + 2);
  // Somebody else gives one: the page hears of it.
  const { account } = await ask<{ account: { users: { nodes: { id: string }[] } } }>("query($id: ID!) { account { users(first: 1, filter: { withoutProductId: $id, search: \"lumen\" }) { nodes { id } } } }", { id: ids.get("DRAW") });
  await ask("mutation($id: ID!, $ids: [ID!]!) { assignSeats(input: { sources: [{ productId: $id }], userIds: $ids }) { summary { applied } } }", { id: ids.get("DRAW"), ids: account.users.nodes.map(({ id }) => id) });
  await expect.poll(shown).toBe(before + 3);

  await page.getByRole("searchbox", { name: "Search by name or e-mail" }).fill("harbour");
  await page.waitForURL(/q=harbour/);
  await page.getByText("until 31 Dec 2099").first().waitFor();
  await page.getByRole("columnheader", { name: "Since" }).getByRole("button").click();
  await page.waitForURL(/order=ASSIGNED_AT/);
  await page.getByRole("columnheader", { name: "Since" }).getByRole("button").click();
  await page.waitForURL(/order=-ASSIGNED_AT/);
  await expect.poll(() => page.locator("#row-0").getByText("until 31 Dec 2099").count()).toBe(1);
  await page.getByRole("grid").focus();
  await page.keyboard.press("Enter");
  await dialog().getByText("Cloud storage").click();
  await dialog().getByText("The seat has a last day").click();
  await isAccessible(visitor, "a seat");
  await dialog().getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.locator("#row-0").getByText("Core, Cloud storage").waitFor();
  expect(await page.locator("#row-0").getByText("until").count()).toBe(0);
  await page.getByRole("grid").focus();
  await page.keyboard.press(" ");
  await page.getByText("1 person selected").waitFor();
  await page.getByRole("button", { name: "Take back" }).click();
  await dialog().getByRole("button", { name: "Take back" }).click();
  await dialog().getByText("1 done").waitFor();
  await dialog().getByRole("button", { name: "Done" }).click();
  await expect.poll(shown).toBe(before + 2);
  isQuiet(visitor, house);
});

it("all who match are given seats by a job that is followed, and can be looked at again", async () => {
  const { page } = visitor;
  await open("RENDER");
  await page.getByRole("button", { name: "Assign seats" }).click();
  await dialog().getByText("All who match").click();
  await dialog().getByRole("searchbox").fill("lumen");
  await dialog().getByText(/^\d{3} people match$/).waitFor();
  await dialog().getByRole("button", { name: /Give \d{3} seats/ }).click();
  await dialog().getByRole("progressbar").waitFor();
  await page.waitForURL(/job=/);
  await page.reload();
  await dialog().getByText("Finished.").waitFor({ timeout: 30_000 });
  await dialog().getByText(/\d{3} done/).waitFor();
  await isAccessible(visitor, "a job");
  await dialog().getByRole("button", { name: "Done" }).click();
  await expect.poll(() => page.url()).not.toMatch(/job=/);
  isQuiet(visitor, house);
});

it("whoever finds no seat waits in order, is moved, and leaves", async () => {
  const { page } = visitor;
  await open("SIMULATE");
  await page.getByRole("button", { name: "Assign seats" }).click();
  await pick("kite", 3);
  await dialog().getByText("Let them wait").click();
  await dialog().getByText(/0 seats are free for 3 people/).waitFor();
  await dialog().getByRole("button", { name: "Give 3 seats" }).click();
  await dialog().getByText("3 waiting").waitFor();
  await dialog().getByRole("button", { name: "Done" }).click();
  await page.getByRole("link", { name: "Waitlist" }).click();
  await page.waitForURL(/\/waiting$/);
  await page.locator("#row-2 .person-name").waitFor();
  await isAccessible(visitor, "the waitlist");
  const email = await page.locator("#row-2 .person-email").textContent();
  await page.getByRole("grid").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await dialog().getByText("In place 3 of 3.").waitFor();
  await isAccessible(visitor, "a place in it");
  await dialog().getByRole("button", { name: "To the front" }).click();
  await expect.poll(() => page.locator("#row-0 .person-email").textContent()).toBe(email);
  await page.getByRole("checkbox", { name: "Select all 3 in the list" }).click();
  await page.getByRole("button", { name: "Take off the waitlist" }).click();
  await dialog().getByRole("button", { name: "Take off the waitlist" }).click();
  await page.getByRole("heading", { name: "Nobody waits for a seat" }).waitFor();
  isQuiet(visitor, house);
});

it("seats that nobody needs are looked at, and exactly those are given back", async () => {
  const { page } = visitor;
  await open("SUITE", "/unneeded?days=30");
  await page.getByRole("heading", { name: "No seat to take back" }).waitFor();
  await isAccessible(visitor, "nothing to take back");
  // Nobody is idle in an account of today: the list has two of those who hold one, of whom the server knows better.
  const { product } = await ask<{ product: { assignments: { nodes: object[] } } }>(
    "query($id: ID!) { product(id: $id) { assignments(first: 2) { nodes { __typename id assignedAt product { __typename id name } user { __typename id displayName email status lastSignedInAt } } } } }",
    { id: ids.get("SUITE") },
  );
  await page.route("**/graphql", async (route) => {
    if (!route.request().postData()?.includes("query Reclaimable")) return route.continue();
    const response = await route.fetch();
    const answer = (await response.json()) as { data: { account: { reclaimableSeats: { nodes: object[]; totalCount: number } } } };
    Object.assign(answer.data.account.reclaimableSeats, { nodes: product.assignments.nodes, totalCount: 2 });
    return route.fulfill({ response, json: answer });
  });
  await page.reload();
  await page.getByText("2 seats seem not to be needed").waitFor();
  await page.getByRole("checkbox", { name: "Select all 2 in the list" }).click();
  await isAccessible(visitor, "seats to take back");
  await page.getByRole("button", { name: "Take back" }).click();
  await dialog().getByRole("button", { name: "Take back" }).click();
  await dialog().getByText("2 not done").waitFor();
  await page.unroute("**/graphql");
  await dialog().getByRole("button", { name: "Done" }).click();
  isQuiet(visitor, house);
});

it("a file gives everybody in it the same, and its failed rows are corrected where they stand", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/imports`);
  await page.getByText("Give products").click();
  await page.getByText("Muster Sketch").click();
  await page.getByText("Cloud storage").click();
  await page.getByText("Let them wait").click();
  await isAccessible(visitor, "what a file gives");
  await page.getByRole("button", { name: "Paste a table" }).click();
  await page.getByLabel("Table as text").fill("First Name,Last Name,Email\nKatherine,Johnson,katherine@products.example\nDorothy,Vaughan,dorothy at products");
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("heading", { name: "What would happen" }).waitFor({ timeout: 30_000 });
  await page.getByText("Gives Muster Sketch").waitFor();
  await page.getByRole("button", { name: "Correct them here" }).click();
  await page.getByLabel("Line 3, Email").fill("dorothy@products.example");
  await isAccessible(visitor, "correcting");
  await page.getByRole("button", { name: "Check these rows again" }).click();
  await page.getByRole("heading", { name: /-corrected\.csv/ }).waitFor();
  await page.getByRole("heading", { name: "What would happen" }).waitFor({ timeout: 30_000 });
  await page.getByText("1 row read").waitFor();
  await page.getByRole("button", { name: "Import now" }).click();
  await page.getByRole("heading", { name: "What became of it" }).waitFor({ timeout: 30_000 });
  await page.getByText("invited, with seats").waitFor();
  await page.getByRole("button", { name: "Take the import back" }).click();
  await dialog().getByRole("button", { name: "Take the import back" }).click();
  await page.getByText("1 rows taken back").waitFor({ timeout: 30_000 });
  isQuiet(visitor, house);
});

it("products are accessible in the dark, and fit a phone", async () => {
  const looks = await visit(browser, { scheme: "dark", width: 390 });
  const { page } = looks;
  await enter(looks, house, "/products");
  await page.getByRole("link", { name: "Muster Draw" }).waitFor();
  await isAccessible(looks, "products");
  for (const part of ["", "/waiting", "/unneeded"]) {
    await page.goto(`${house.url}/products/${ids.get("DRAW") ?? ""}${part}`);
    await page.getByRole("heading", { name: "Muster Draw", level: 1 }).waitFor();
    await page.locator(".person-name, .state").first().waitFor();
    await isAccessible(looks, part);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), part).toBe(0);
  }
  await page.goto(`${house.url}/products/prd_01M8GEAH91FWBRFYNA0K5WHSG0`);
  await page.getByRole("heading", { name: "There is no such product here" }).waitFor();
  isQuiet(looks, house);
  await looks.context.close();
});
