import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { asker, type Ask } from "./ask.ts";
import { operate } from "./house.ts";
import { enter, isAccessible, isQuiet, launch, visit, type Visitor } from "./visitor.ts";

const house = inject("house");
let browser: Browser;
let visitor: Visitor;
let ask: Ask;
beforeAll(async () => {
  browser = await launch();
  visitor = await visit(browser);
  ask = await asker(house);
  await enter(visitor, house, "/contracts");
  await visitor.page.getByRole("heading", { name: "Contracts", level: 1 }).waitFor();
});
afterAll(() => browser.close());

const dialog = () => visitor.page.getByRole("dialog");
const dayIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const posts = () => visitor.requests.filter((request) => request.startsWith("POST"));

/** Light and dark, and as narrow as a phone. */
async function fits(path: string, there: string) {
  const looks = await visit(browser, { scheme: "dark", width: 390 });
  await looks.context.addCookies(await visitor.context.cookies());
  await looks.page.goto(`${house.url}${path}`);
  await looks.page.getByText(there).first().waitFor();
  await isAccessible(looks, `${path} in the dark`);
  expect(await looks.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), path).toBe(0);
  isQuiet(looks, house);
  await looks.context.close();
}

it("a contract is made, bought under, resized, paid for, renewed and terminated", async () => {
  const { page } = visitor;
  visitor.requests.length = 0;
  await page.goto(`${house.url}/contracts`);
  await page.getByRole("table").waitFor();
  expect(posts().length).toBeLessThanOrEqual(3);
  await isAccessible(visitor, "contracts");
  await page.getByRole("button", { name: "New contract" }).click();
  await dialog().getByRole("button", { name: "Make the contract" }).click();
  await dialog().getByText("Enter a number.").waitFor();
  await isAccessible(visitor, "a new contract");
  const number = `C-${Date.now()}`;
  await dialog().getByLabel("Number").fill(number);
  await dialog().getByLabel("Bought by").fill("Procurement");
  await dialog().getByText("It renews itself").click();
  await dialog().getByRole("button", { name: "Make the contract" }).click();
  await page.getByRole("heading", { name: number, level: 1 }).waitFor();
  await page.getByText("Nothing is bought under it yet").waitFor();

  await page.getByRole("button", { name: "Buy a product" }).click();
  await dialog().getByLabel("Seats").fill("0");
  await dialog().getByRole("button", { name: "Buy", exact: true }).click();
  await dialog().getByText("A whole number from 1 to 1,000,000.").waitFor();
  await dialog().getByLabel("Seats").fill("3");
  await dialog().getByText("On trial").click();
  await dialog().getByText("On other days than the contract").click();
  await dialog().getByLabel("Last day", { exact: true }).fill(dayIn(30));
  await isAccessible(visitor, "buying");
  await dialog().getByRole("button", { name: "Buy", exact: true }).click();
  const one = page.getByRole("article");
  await one.getByText("On trial").waitFor();

  await one.getByRole("button", { name: /^Turn into paid/ }).click();
  await dialog().getByRole("button", { name: "Turn into paid" }).click();
  await one.getByText("Paid", { exact: true }).waitFor();

  // Somebody else gives two of the seats; fewer than that are refused with the figures, and hold from the next term on.
  const id = decodeURIComponent(new URL(page.url()).pathname.split("/")[2] ?? "");
  const { contract, account } = await ask<{ contract: { subscriptions: { nodes: { id: string }[] } }; account: { users: { nodes: { id: string }[] } } }>(
    "query($id: ID!) { contract(id: $id) { subscriptions(first: 1) { nodes { id } } } account { users(first: 100, filter: { status: [PENDING] }) { nodes { id } } } }",
    { id },
  );
  for (const user of account.users.nodes) {
    await ask("mutation($s: ID!, $u: [ID!]!) { assignSeats(input: { sources: [{ subscriptionId: $s }], userIds: $u }) { summary { applied } } }", { s: contract.subscriptions.nodes[0]?.id, u: [user.id] });
    const held = await ask<{ subscription: { seats: { used: number } } }>("query($s: ID!) { subscription(id: $s) { seats { used } } }", { s: contract.subscriptions.nodes[0]?.id });
    if (held.subscription.seats.used >= 2) break;
  }
  await page.reload();
  await one.getByRole("button", { name: /^Change seats/ }).click();
  await dialog().getByText("3 seats now, 2 of them held.").waitFor();
  await dialog().getByLabel("Seats").fill("1");
  await dialog().getByRole("button", { name: "Save" }).click();
  await dialog().getByText("1 seats were asked for, 2 are held.").waitFor();
  await isAccessible(visitor, "fewer seats than are held");
  await dialog().getByRole("button", { name: "From the next term on" }).click();
  await dialog().getByRole("button", { name: "Save" }).click();
  await one.getByText(/1 seat (from|in the next term)/).waitFor();

  await page.getByRole("button", { name: "Renew" }).click();
  await dialog().getByRole("button", { name: "Renew" }).click();
  await page.getByText(`${number} goes on until`).waitFor();
  await page.getByRole("button", { name: "Edit" }).click();
  await dialog().getByLabel("Bought through").fill("Shop Ltd");
  await dialog().getByRole("button", { name: "Save" }).click();
  await page.getByText("Shop Ltd").waitFor();
  await page.getByRole("button", { name: "Terminate" }).click();
  await isAccessible(visitor, "before it is terminated");
  await dialog().getByRole("button", { name: "Terminate" }).click();
  await page.getByText("terminated, ends on").waitFor();
  await isAccessible(visitor, "a contract");
  await fits(new URL(page.url()).pathname, number);

  await page.getByRole("link", { name: "Contracts", exact: true }).first().click();
  await page.getByRole("button", { name: /^Any status/ }).click();
  await page.getByRole("option", { name: "Over" }).click();
  await page.waitForURL(/status=EXPIRED/);
  isQuiet(visitor, house);
});

it("a product's page says how long its seats last, and by which figures", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/products`);
  visitor.requests.length = 0;
  await page.getByRole("link", { name: "Muster Draw" }).click();
  const forecast = page.getByRole("region", { name: "How long the seats last" });
  await forecast.getByText(/notes? of what was taken/).waitFor();
  expect(posts().length).toBeLessThanOrEqual(3);
  await isAccessible(visitor, "a product with its forecast");
  isQuiet(visitor, house);
});

it("requests are approved and declined, each with its outcome, and the bell counts as they come", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/notifications`);
  await page.getByRole("article").first().waitFor();
  const asks = page.getByRole("article").filter({ hasText: "asks for" });
  const { viewer } = await ask<{ viewer: { requestableProducts: { nodes: { id: string }[] } } }>("{ viewer { requestableProducts(first: 3) { nodes { id } } } }");
  const products = viewer.requestableProducts.nodes;
  expect(products).toHaveLength(3);
  for (const { id: productId } of products) await ask("mutation($productId: ID!) { requestAccess(input: { productId: $productId, note: \"For the new office.\" }) { userErrors { code } } }", { productId });
  // Nobody reloads: it is told.
  await expect.poll(() => asks.filter({ has: page.getByText("New", { exact: true }) }).count(), { timeout: 10_000 }).toBe(3);
  const told = asks.first();
  await told.getByText("New", { exact: true }).waitFor();
  await page.getByRole("link", { name: /Notifications: \d+ unread/ }).waitFor();
  await isAccessible(visitor, "notifications");
  await told.getByRole("button", { name: /^Mark as read/ }).click();
  await told.getByText("New", { exact: true }).waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await page.getByText(/^0 unread/).waitFor();
  visitor.requests.length = 0;
  await told.getByRole("heading").getByRole("link").click();
  await page.getByRole("heading", { name: "Requests for products", level: 1 }).waitFor();
  await page.getByRole("table").waitFor();
  expect(posts().length).toBeLessThanOrEqual(3);
  await isAccessible(visitor, "requests");
  await fits("/requests", "For the new office.");
  await page.getByRole("button", { name: /^Decline: / }).first().click();
  await dialog().getByLabel("Answer").fill("Not this year.");
  await dialog().getByRole("button", { name: "Decline" }).click();
  await dialog().getByText("was declined.").waitFor();
  await dialog().getByRole("button", { name: "Done" }).click();
  await page.getByText("Select all that are open").click({ force: true });
  await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Approve" }).click();
  await dialog().getByText("let them wait for one").click();
  await isAccessible(visitor, "before requests are approved");
  await dialog().getByRole("button", { name: "Approve" }).click();
  await dialog().getByText(/has a seat now|waits at place/).first().waitFor();
  await isAccessible(visitor, "what became of each");
  await dialog().getByRole("button", { name: "Done" }).click();
  await page.getByRole("heading", { name: "Nothing to decide" }).waitFor();
  isQuiet(visitor, house);
});

it("people choose by which ways they hear of what", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/notifications/ways`);
  const job = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "Job" }) });
  await job.getByRole("checkbox", { name: /In the mail of the day/ }).waitFor();
  await isAccessible(visitor, "ways");
  await fits("/notifications/ways", "In the mail of the day");
  expect(await page.getByRole("checkbox", { name: "Role: By mail at once" }).isDisabled()).toBe(true);
  await job.getByText(/In the mail of the day/).click({ force: true });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("this is how you hear of things").waitFor();
  await page.reload();
  await expect.poll(() => job.getByRole("checkbox", { name: /In the mail of the day/ }).isChecked()).toBe(true);
  isQuiet(visitor, house);
});

it("credits are told with their ledger, and when one hears of them", async () => {
  const { page } = visitor;
  const { viewer } = await ask<{ viewer: { account: { slug: string } } }>("{ viewer { account { slug } } }");
  operate(house, ["credits", "grant", viewer.account.slug, "1000", "--expires-on", dayIn(40), "--reference", "order-4711"]);
  operate(house, ["credits", "adjust", viewer.account.slug, "-12.5", "--note", "order-4711 was for 987.5"]);
  visitor.requests.length = 0;
  await page.goto(`${house.url}/reports/credits`);
  await page.getByRole("table").getByText("order-4711", { exact: false }).first().waitFor();
  expect(posts().length).toBeLessThanOrEqual(3);
  await page.getByText(/of it lapse after/).waitFor();
  await isAccessible(visitor, "credits");
  await fits("/reports/credits", "order-4711");
  await page.getByRole("button", { name: /^Every kind/ }).click();
  await page.getByRole("option", { name: "Adjustment" }).click();
  await page.waitForURL(/kind=ADJUSTMENT/);
  await page.getByText(/^\d+ entr(y|ies)$/).waitFor();
  await page.getByLabel("to", { exact: true }).fill("2020-01-01");
  await page.getByRole("heading", { name: "No entries" }).waitFor();
  const percents = page.getByLabel("Percent used");
  await percents.fill("50, 101");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("At most five whole numbers").waitFor();
  await percents.fill("50, 90, 100");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The notices are saved.").waitFor();
  isQuiet(visitor, house);
});

it("the sessions of a person are seen in their panel, and ended one by one", async () => {
  const { page } = visitor;
  const { viewer } = await ask<{ viewer: { user: { id: string } } }>("{ viewer { user { id } } }");
  await page.goto(`${house.url}/people/${viewer.user.id}`);
  const panel = page.getByRole("complementary");
  await panel.getByRole("heading", { name: "Where they are signed in" }).waitFor();
  await panel.getByText("This one").waitFor();
  const others = panel.getByRole("button", { name: /^End the session/ });
  const before = await others.count();
  expect(before).toBeGreaterThan(0);
  await isAccessible(visitor, "sessions");
  await others.last().click();
  await page.getByText("The session is ended.").waitFor();
  await expect.poll(() => others.count()).toBe(before - 1);
  isQuiet(visitor, house);
});
