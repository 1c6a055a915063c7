import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { enter, isAccessible, isQuiet, launch, visit, type Visitor } from "./visitor.ts";

const house = inject("house");
let browser: Browser;
let visitor: Visitor;
beforeAll(async () => {
  browser = await launch();
  visitor = await visit(browser);
  await enter(visitor, house, "/people");
  await visitor.page.locator(".person-name").first().waitFor();
});
afterAll(() => browser.close());

const open = async (path: string) => {
  await visitor.page.goto(`${house.url}${path}`);
  await visitor.page.getByRole("grid").waitFor();
};
const search = () => visitor.page.getByRole("searchbox", { name: "Search by name or e-mail" });

it("the list is found by typing, and the address bar keeps it", async () => {
  const { page } = visitor;
  await open("/people");
  await search().fill("ada admin");
  await page.getByText("1 person matches").waitFor();
  expect(new URL(page.url()).search).toBe("?q=ada+admin");
  await page.reload();
  await page.getByText("1 person matches").waitFor();
  expect(await search().inputValue()).toBe("ada admin");
  await search().fill("nobody is called this");
  await page.getByRole("heading", { name: "Nobody matches" }).waitFor();
  await isAccessible(visitor, "nobody matches");
  await page.getByRole("button", { name: "Clear filters" }).first().click();
  await page.getByRole("row").nth(5).waitFor();
  isQuiet(visitor, house);
});

it("filters, order and columns are in the address too", async () => {
  const { page } = visitor;
  await open("/people");
  await page.getByRole("button", { name: /Any status/ }).click();
  await page.getByRole("option", { name: /^Active/ }).click();
  await page.waitForURL(/status=ACTIVE/);
  await page.getByRole("columnheader", { name: "Last sign-in" }).getByRole("button").click();
  await page.waitForURL(/order=LAST_SIGNED_IN_AT/);
  await page.getByRole("columnheader", { name: "Last sign-in" }).getByRole("button").click();
  await page.waitForURL(/order=-LAST_SIGNED_IN_AT/);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitem", { name: "Show “Added”" }).click();
  await page.getByRole("columnheader", { name: "Added" }).waitFor();
  expect(new URL(page.url()).searchParams.get("cols")).toBe("role.status.products.used.added");
});

it("a screen asks little, and scrolling never asks the same page twice", async () => {
  const { page } = visitor;
  visitor.requests.length = 0;
  const bodies: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/graphql")) bodies.push(request.postData() ?? "");
  });
  await open("/people");
  await page.locator(".person-name").first().waitFor();
  // Signing on by the cookie, who it is, and the first page.
  expect(visitor.requests.filter((request) => request.startsWith("POST"))).toHaveLength(3);
  const grid = page.getByRole("grid");
  for (const top of [20_000, 0, 40_000, 10_000, 60_000, 0]) {
    await grid.evaluate((element, to) => element.scrollTo({ top: to }), top);
    await page.waitForTimeout(150);
    await page.locator(".grid-rows .person-name").first().waitFor();
  }
  const pages = bodies.filter((body) => body.includes("PeoplePage"));
  expect(pages.length).toBeGreaterThan(5);
  expect(new Set(pages).size).toBe(pages.length);
});

it("the keyboard goes through the list, picks people and opens one", async () => {
  const { page } = visitor;
  await open("/people?status=PENDING");
  await page.locator(".person-name").first().waitFor();
  await page.getByRole("grid").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press(" ");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await page.getByText("3 people selected").waitFor();
  expect(await page.getByRole("grid").getAttribute("aria-activedescendant")).toBe("row-3");
  await isAccessible(visitor, "people selected");
  await page.keyboard.press("Control+a");
  await page.getByText(/\d,\d+ people selected/).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await page.getByRole("complementary").getByRole("heading", { name: "Profile" }).waitFor();
  expect(page.url()).toMatch(/\/people\/usr_[^?]+\?status=PENDING$/);
  await isAccessible(visitor, "a person");
  await page.keyboard.press("Escape");
  await page.waitForURL(/\/people\?status=PENDING$/);
});

it("a person is changed, and the list shows it", async () => {
  const { page } = visitor;
  await open("/people?status=PENDING&q=almos");
  await page.locator(".person-name").nth(2).click();
  const panel = page.getByRole("complementary");
  await panel.getByRole("button", { name: "Edit" }).click();
  await panel.getByLabel("Given name").fill("Almos Maria");
  await panel.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.locator(".person-name", { hasText: "Almos Maria" }).waitFor();
  await panel.getByRole("button", { name: "Send again" }).click();
  await page.getByText("The invitation is on its way once more.").waitFor();
  // It is counted once the mail has left.
  await panel.getByText("Waiting to be sent").or(panel.getByText("2 times")).first().waitFor();
  isQuiet(visitor, house);
});

it("whoever saves over somebody else's change hears of it", async () => {
  const { page } = visitor;
  await open("/people?status=PENDING&q=kovari");
  await page.locator(".person-name").first().click();
  const panel = page.getByRole("complementary");
  await panel.getByRole("button", { name: "Edit" }).click();
  const other = await visitor.context.newPage();
  await other.goto(page.url());
  const theirs = other.getByRole("complementary");
  await theirs.getByRole("button", { name: "Edit" }).click();
  await theirs.getByLabel("Given name").fill("First");
  await theirs.getByRole("button", { name: "Save" }).click();
  await other.getByText("Saved.").waitFor();
  await other.close();
  await panel.getByLabel("Given name").fill("Second");
  await panel.getByRole("button", { name: "Save" }).click();
  await panel.getByText("Somebody changed it meanwhile.").waitFor();
});

it("a change for many is done in portions, and says what became of each", async () => {
  const { page } = visitor;
  // Nobody of these has it, and there is none left of the one product.
  await open("/people?status=PENDING&q=harbour-works");
  await page.locator(".person-name").first().waitFor();
  await page.getByRole("checkbox", { name: /Select all/ }).click();
  await page.getByText(/\d+ people selected/).waitFor();
  await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Give product" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: /Product/ }).click();
  await page.getByRole("option", { name: /Muster Simulate/ }).click();
  await dialog.getByText(/Only 0 seats are free/).waitFor();
  await isAccessible(visitor, "before it begins");
  await dialog.getByRole("button", { name: "Give product" }).click();
  await dialog.getByText("Finished.").waitFor({ timeout: 30_000 });
  await dialog.getByText(/[1-9]\d* not done/).waitFor();
  await dialog.getByText("No seat is left.").first().waitFor();
  await isAccessible(visitor, "outcomes");
  await dialog.getByRole("button", { name: "Done" }).click();
  isQuiet(visitor, house);
});

it("a role is given after a proof of who is asking", async () => {
  const { page } = visitor;
  const newcomer = await visit(browser);
  await newcomer.page.goto(`${house.url}/people`);
  await newcomer.page.getByLabel("E-mail address").fill("jonas.lindqvist@demo.example");
  await newcomer.page.getByRole("button", { name: "Continue" }).click();
  await newcomer.page.getByRole("button", { name: "Continue with single sign-on" }).click();
  await newcomer.page.getByText("Jonas Lindqvist").click();
  await newcomer.page.getByRole("heading", { name: "This is not for your role", level: 1 }).waitFor();

  await open("/people?q=lindqvist+jonas&role=USER&status=ACTIVE");
  await page.locator(".person-name").first().click();
  const panel = page.getByRole("complementary");
  await panel.getByRole("button", { name: /User/ }).click();
  await page.getByRole("option", { name: /Secondary administrator/ }).click();
  await page.getByText("May then also").waitFor();
  await isAccessible(visitor, "a role");
  // As if the sign-in were an hour old.
  let isAsked = false;
  await page.route("**/graphql", (route) => {
    if (isAsked || !route.request().postData()?.includes("ChangeRole")) return route.continue();
    isAsked = true;
    return route.fulfill({ json: { data: { changeUserRole: null }, errors: [{ message: "prove it", path: ["changeUserRole"], extensions: { code: "RECENT_AUTH_REQUIRED" } }] } });
  });
  await page.getByRole("button", { name: "Give role" }).click();
  const proof = page.getByRole("dialog", { name: "Is it really you?" });
  await proof.getByLabel("Password").fill("not the password at all");
  await proof.getByRole("button", { name: "Confirm" }).click();
  await proof.getByText("The password is wrong.").waitFor();
  await isAccessible(visitor, "a proof");
  await proof.getByLabel("Password").fill(house.password);
  await proof.getByRole("button", { name: "Confirm" }).click();
  await page.getByText("The role is changed.").waitFor();
  await page.unroute("**/graphql");
  await panel.getByText(/^May .*import people/).waitFor();
  await newcomer.context.close();
});

it("somebody is removed, and the list is one shorter", async () => {
  const { page } = visitor;
  await open("/people?status=PENDING&q=lumen");
  const before = await page.locator(".head [role=status]").textContent();
  await page.locator(".person-name").first().click();
  const panel = page.getByRole("complementary");
  await panel.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText(/is removed\./).waitFor();
  await expect.poll(() => page.locator(".head [role=status]").textContent()).not.toBe(before);
  isQuiet(visitor, house);
});

it.each([
  ["light", 1280],
  ["dark", 1280],
  ["light", 360],
  ["dark", 360],
] as const)("the list is accessible: %s, %i wide", async (scheme, width) => {
  const looks = await visit(browser, { scheme, width });
  await enter(looks, house, "/people");
  await looks.page.locator(".person-name").first().waitFor();
  await isAccessible(looks, "list");
  const overflow = await looks.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow).toBe(0);
  await looks.page.locator(".person-name").nth(1).click();
  await looks.page.getByRole("complementary").getByRole("heading", { name: "Profile" }).waitFor();
  await isAccessible(looks, "person");
  isQuiet(looks, house);
  await looks.context.close();
});
