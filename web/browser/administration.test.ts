import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { operate } from "./house.ts";
import { enter, isAccessible, isQuiet, launch, visit, type Visitor } from "./visitor.ts";

const house = inject("house");
let browser: Browser;
let visitor: Visitor;
beforeAll(async () => {
  browser = await launch();
  visitor = await visit(browser);
  await enter(visitor, house, "/roles");
  await visitor.page.getByRole("heading", { name: "What the roles may do" }).waitFor();
});
afterAll(() => browser.close());

const open = async (path: string, heading: string) => {
  await visitor.page.locator(`.side a[href="${path}"]`).click();
  await visitor.page.getByRole("heading", { name: heading, level: 1 }).waitFor();
};
it("a role is given to somebody who was looked for, and their history tells of it", async () => {
  const { page } = visitor;
  await open("/roles", "Roles");
  await page.getByRole("row", { name: /^see people/ }).getByText("yes").first().waitFor({ state: "attached" });
  await page.getByRole("searchbox", { name: /Give somebody a role/ }).fill("gudrun");
  await page.getByRole("listitem").getByRole("button").first().click();
  const panel = page.getByRole("complementary");
  await panel.getByRole("button", { name: /User/ }).click();
  await page.getByRole("option", { name: /SSO administrator/ }).click();
  await page.getByRole("dialog").getByText("May then also").waitFor();
  await isAccessible(visitor, "before a role is given");
  await page.getByRole("button", { name: "Give role" }).click();
  await page.getByText("The role is changed.").waitFor();
  await page.getByRole("region", { name: "Who has an administrative role" }).getByText("SSO administrator").waitFor();
  await panel.getByRole("link", { name: "Everything about this person" }).click();
  await panel.getByRole("heading", { name: "Lately" }).waitFor();
  await panel.getByRole("link", { name: "Role given" }).click();
  await page.waitForURL(/\/audit\/aud_\w+\?target=usr_/);
  const change = page.getByRole("row", { name: /^Role/ });
  await change.getByText("SSO administrator").waitFor();
  expect(await change.textContent()).toBe("RoleUserSSO administrator");
  isQuiet(visitor, house);
});

it("a domain is claimed, its record is shown, and it is found proven without anybody asking", async () => {
  const page = await visitor.context.newPage();
  await page.clock.install();
  await page.goto(`${house.url}/single-sign-on/new`);
  const own = page.getByRole("textbox", { name: "E-mail domain" });
  await own.fill("gmail.com");
  await page.getByRole("button", { name: "Claim the domain" }).click();
  await page.getByText("This domain belongs to many.").waitFor();
  await own.fill("console-proof.dev");
  await page.getByRole("button", { name: "Claim the domain" }).click();
  const card = page.getByRole("article").filter({ hasText: "console-proof.dev" });
  expect(await card.getByRole("textbox", { name: "Name of the record" }).inputValue()).toContain("console-proof.dev");
  expect(await card.getByRole("textbox", { name: "Text of the record" }).inputValue()).toMatch(/^muster-domain-verification=/);
  await isAccessible({ ...visitor, page }, "a record to publish");
  operate(house, ["verify-domain", "demo", "console-proof.dev"]);
  await page.clock.fastForward(11_000);
  await page.getByRole("checkbox", { name: "console-proof.dev" }).waitFor();
  await page.close();
});

it("a provider is drafted, connected, tried out with every step told, switched on and deleted", async () => {
  const { page, context } = visitor;
  await open("/single-sign-on", "Single sign-on");
  const issuer = (await page.getByRole("article").filter({ hasText: "Demo sign-in" }).locator(".sign-on-address").textContent()) ?? "";
  await page.getByRole("link", { name: "Set up a provider" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Second sign-in");
  await page.getByLabel("Issuer").fill(issuer);
  // A domain has one provider, and this one has one already.
  await page.getByText("demo.example", { exact: true }).click();
  await page.getByRole("button", { name: "Make the draft" }).click();
  await page.getByRole("heading", { name: "Second sign-in", level: 1 }).waitFor();
  expect(await page.getByRole("textbox", { name: "Redirect address" }).inputValue()).toMatch(/\/sso\/callback\/idp_/);
  await page.getByLabel("Client id").fill("another-client");
  await page.getByLabel("Client secret").fill("a secret that is only tried");
  await page.getByRole("listitem").filter({ hasText: "What the provider gave you" }).getByRole("button", { name: "Save" }).click();
  await page.getByText("The provider is saved.").waitFor();
  await page.getByRole("button", { name: "Begin a test" }).click();
  await page.getByText("Waits for somebody to sign in").waitFor();
  // The demo's provider knows its own client alone: it says so in its window, and this test ends here.
  const [there] = await Promise.all([context.waitForEvent("page"), page.getByRole("link", { name: "Sign in for the test" }).click()]);
  await there.getByText("This provider does not know the client.").waitFor();
  await there.close();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("“Second sign-in” is deleted.").waitFor();

  await page.getByRole("link", { name: "Demo sign-in" }).click();
  await page.getByRole("heading", { name: "Demo sign-in", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Begin another test" }).click();
  const [trial] = await Promise.all([context.waitForEvent("page"), page.getByRole("link", { name: "Sign in for the test" }).click()]);
  await trial.getByRole("link", { name: "Mira Okafor" }).click();
  await trial.getByText("The test has passed").waitFor();
  await trial.close();
  await page.getByText("What a sign-in would come to").waitFor();
  await page.getByText(/\d+ claims the provider sent/).click();
  await page.getByRole("row", { name: /family_name/ }).getByText("read", { exact: true }).waitFor();
  await isAccessible(visitor, "a trial that passed");
  // Nobody is locked out by a slip: requiring it needs somebody who keeps a password, and asks.
  await page.getByText("Provider only", { exact: true }).click();
  await page.getByText("Choose first who keeps a password.").waitFor();
  await page.getByRole("button", { name: /Who keeps a password/ }).click();
  await page.getByRole("option", { name: /Ada Admin/ }).click();
  const part = page.getByRole("listitem").filter({ hasText: "Whether people must come this way" });
  await part.getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog", { name: "Let people come by the provider only?" }).waitFor();
  await isAccessible(visitor, "before it is required");
  await page.getByRole("button", { name: "Cancel" }).click();
  isQuiet(visitor, house);
});

it("a token is made, shown once, and revoked", async () => {
  const { page, context } = visitor;
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open("/api-tokens", "API tokens");
  await page.getByRole("button", { name: "New token" }).click();
  await page.getByRole("button", { name: "Make the token" }).click();
  await page.getByText("Give it a name.").waitFor();
  await page.getByLabel("Name").fill("metering");
  await page.getByText("report usage", { exact: true }).click();
  await page.getByRole("button", { name: "Make the token" }).click();
  await page.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("button", { name: "New token" }).click();
  await page.getByLabel("Name").fill("nightly");
  await page.getByText("see people", { exact: true }).click();
  await page.getByRole("button", { name: "Make the token" }).click();
  const dialog = page.getByRole("dialog", { name: "“nightly” is made" });
  const secret = await dialog.getByRole("textbox", { name: "Secret" }).inputValue();
  await dialog.getByRole("button", { name: "Copy: Secret" }).click();
  await page.getByText("Copied.").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  await isAccessible(visitor, "a secret");
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("button", { name: "Revoke “nightly”" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("“nightly” is revoked.").waitFor();
  await page.getByRole("row", { name: /nightly/ }).getByText("Revoked", { exact: true }).waitFor();
  expect(await page.content()).not.toContain(secret);
  isQuiet(visitor, house);
});

it("the log goes on as far as one scrolls, by wheel and by keyboard, and the address bar keeps what it is narrowed by", async () => {
  const { page } = visitor;
  await open("/audit", "Audit log");
  const bodies: string[] = [];
  page.on("request", (request) => {
    if (request.postData()?.includes("AuditPage")) bodies.push(request.postData() ?? "");
  });
  const feed = page.getByRole("feed");
  await feed.getByRole("article").first().waitFor();
  const scroller = page.locator(".audit-scroll");
  await scroller.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
  await expect.poll(() => scroller.evaluate((element) => element.scrollHeight)).toBeGreaterThan(50 * 60);
  expect(await feed.getByRole("article").count()).toBeLessThan(40);
  expect(new Set(bodies).size).toBe(bodies.length);
  await scroller.evaluate((element) => element.scrollTo({ top: 0 }));
  await feed.getByRole("link").first().focus();
  await page.keyboard.press("PageDown");
  await page.keyboard.press("ArrowDown");
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest("article")?.ariaPosInSet)).not.toBe("1");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/audit\/aud_/);
  await isAccessible(visitor, "an event");
  await page.keyboard.press("Escape");
  await page.waitForURL(/\/audit$/);
  await page.getByRole("button", { name: /What/ }).click();
  await page.getByRole("option", { name: "API tokens" }).click();
  await page.waitForURL(/action=api_tokens/);
  await feed.getByRole("link", { name: "API token revoked" }).waitFor();
  await expect.poll(() => feed.getByRole("article").count()).toBe(3);
  await page.getByRole("button", { name: /Outcome/ }).click();
  await page.getByRole("option", { name: "Refused", exact: true }).click();
  await page.getByRole("heading", { name: "Nothing was recorded" }).waitFor();
  await page.getByRole("button", { name: "Clear filters" }).first().click();
  await page.getByLabel("Network address").fill("127.0.0.1");
  await page.waitForURL(/ip=127\.0\.0\.1/);
  await page.getByRole("button", { name: "A person …" }).click();
  await page.getByRole("dialog").getByRole("searchbox").fill("ada admin");
  await page.getByRole("dialog").getByRole("button", { name: /ada\.admin/ }).click();
  await page.reload();
  await page.getByText("By Ada Admin").waitFor();
  await feed.getByRole("link", { name: "API token made" }).first().waitFor();
  isQuiet(visitor, house);
});

it("settings are saved, what takes away is asked before, and the other view shows what it would change", async () => {
  const { page } = visitor;
  await open("/account", "Account");
  const percent = page.getByLabel("Percent of seats taken");
  await percent.fill("101");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("A whole number from 1 to 100.").waitFor();
  await percent.fill("85");
  await page.getByLabel("Days access goes on").fill("14");
  await page.getByLabel("Days the audit log is kept").fill("365");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog").getByText("goes within a day, for good").waitFor();
  await page.getByRole("dialog").getByText("access ends so much earlier").waitFor();
  await isAccessible(visitor, "before something is taken away");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("The settings are saved.").waitFor();
  await page.reload();
  expect(await percent.inputValue()).toBe("85");
  expect(await page.getByLabel("Days access goes on").inputValue()).toBe("14");
  await page.getByText(/\d+ people get another role/).click();
  await page.getByText("from Primary administrator to Contract manager").waitFor();
  // A provider is switched on, which the classic view does not have.
  await page.getByText("Single sign-on relies on it.").waitFor();
  expect(await page.getByRole("button", { name: "Go over to: classic view" }).isDisabled()).toBe(true);
  isQuiet(visitor, house);
});

it("the bell says how many are unread, and leads to them and on", async () => {
  const { page } = visitor;
  await open("/account", "Account");
  await page.getByRole("link", { name: /Notifications: \d+ unread/ }).click();
  await page.getByRole("article").filter({ hasText: "All seats of Muster Simulate are taken" }).getByText("New").waitFor();
  await page.getByRole("link", { name: /people-1\.csv was imported/ }).click();
  await page.waitForURL(/\/imports\/imp_/);
  isQuiet(visitor, house);
});

it("the classic view offers what it has, and goes over to the current one with what changes shown before", async () => {
  // An account of its own: the demo's stays in the classic view, for the tests of that.
  const email = "otto.other@other-classic.example";
  operate(house, ["create-account", "--name", "Other Classic", "--email", email, "--password-stdin", "--view", "classic", "other-classic"], house.password);
  const own = await visit(browser);
  await enter(own, house, "/account", email);
  await own.page.getByText("In the current view primary").waitFor();
  await own.page.getByRole("link", { name: "Roles" }).click();
  await own.page.getByRole("columnheader", { name: /Software coordinator/ }).waitFor();
  expect(await own.page.getByRole("button", { name: "Hand over the primary role" }).count()).toBe(0);
  await own.page.goto(`${house.url}/api-tokens`);
  await own.page.getByRole("heading", { name: "This is not for your role", level: 1 }).waitFor();
  await own.page.goto(`${house.url}/account`);
  await own.page.getByRole("button", { name: "Go over to: current view" }).click();
  await own.page.getByRole("dialog").getByText("from Contract manager to Primary administrator").waitFor();
  await isAccessible(own, "before the view is another");
  await own.page.getByRole("button", { name: "Go over now" }).click();
  const again = own.page.getByRole("dialog", { name: "Sign in again" });
  await again.getByLabel("Password").fill(house.password);
  await again.getByRole("button", { name: "Sign in", exact: true }).click();
  await own.page.getByRole("button", { name: "Go over to: classic view" }).waitFor();
  // What the plan does not have is said where it would be.
  await own.page.goto(`${house.url}/single-sign-on/new`);
  await own.page.getByText("Single sign-on belongs to the premium plan").waitFor();
  isQuiet(own, house);
  await own.context.close();
});

it("the primary role is handed over with what changes shown before, and taken back", async () => {
  const { page } = visitor;
  const other = await visit(browser);
  await other.page.goto(`${house.url}/sso/start?email=priya.raman%40demo.example&return_to=%2Fnotifications`);
  await other.page.getByRole("link", { name: "Priya Raman" }).click();
  // Whoever administers nothing has their notifications all the same.
  await other.page.getByRole("heading", { name: "Notifications" }).waitFor();
  await other.context.close();
  await open("/roles", "Roles");
  await page.getByRole("button", { name: "Hand over the primary role" }).click();
  // Everybody who could take it over was invited and has not joined.
  await page.getByRole("dialog").getByText("Only a secondary administrator who has joined").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("searchbox", { name: /Give somebody a role/ }).fill("priya raman");
  await page.getByRole("listitem").getByRole("button").first().click();
  await page.getByRole("complementary").getByRole("button", { name: /User/ }).click();
  await page.getByRole("option", { name: /Secondary administrator/ }).click();
  await page.getByRole("button", { name: "Give role" }).click();
  await page.getByText("The role is changed.").waitFor();
  await page.getByRole("complementary").getByRole("button", { name: "Close" }).click();
  const handOver = async (shown: string) => {
    await page.getByRole("button", { name: "Hand over the primary role" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(shown).waitFor();
    await dialog.getByRole("button", { name: "Hand over now" }).click();
    // Whoever has another role begins another session.
    const again = page.getByRole("dialog", { name: "Sign in again" });
    await again.getByLabel("Password").fill(house.password);
    await again.getByRole("button", { name: "Sign in", exact: true }).click();
    await again.waitFor({ state: "hidden" });
  };
  await page.getByRole("button", { name: "Hand over the primary role" }).click();
  await page.getByRole("dialog").getByRole("group", { name: "What changes" }).waitFor();
  await isAccessible(visitor, "handing over");
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  const tokens = page.getByRole("navigation").getByRole("link", { name: "API tokens" });
  await handOver("Priya Raman goes from Secondary administrator to Primary administrator");
  await tokens.waitFor({ state: "detached" });
  await handOver("Ada Admin goes from Secondary administrator to Primary administrator");
  await tokens.waitFor();
  isQuiet(visitor, house);
});

/** Signing on by the cookie, who it is, and what the screen shows. */
const REQUESTS = 3;
/** The pictures of docs/console.md; `UPDATE_DOCS=1` keeps them. */
const LARGEST = 180 * 1024;

it.each([
  ["/roles", "What the roles may do", "roles"],
  ["/single-sign-on", "Domains", "sign-on"],
  ["/api-tokens", "API tokens", "tokens"],
  ["/audit", "Audit log", "audit"],
  ["/account", "Settings", ""],
  ["/notifications", "Notifications", ""],
])("it asks little, is accessible, fits, and has its picture: %s", async (path, heading, picture) => {
  const { page, requests } = visitor;
  requests.length = 0;
  await page.goto(`${house.url}${path}`);
  await page.getByRole("heading", { name: heading }).waitFor();
  await isAccessible(visitor, path);
  expect(requests.filter((request) => request.startsWith("POST"))).toHaveLength(REQUESTS);
  if (picture === "sign-on") {
    await page.getByRole("link", { name: "Demo sign-in" }).click();
    await page.getByRole("heading", { name: "Try out" }).evaluate((element) => element.scrollIntoView());
  }
  if (picture === "audit") {
    await page.getByRole("link", { name: "Settings changed" }).click();
    await page.getByRole("row", { name: /^Percent of seats/ }).waitFor();
  }
  const take = async (scheme: "light" | "dark") => {
    await page.mouse.move(0, 0);
    const taken = await page.screenshot();
    expect(taken.length, path).toBeLessThan(LARGEST);
    if (process.env.UPDATE_DOCS) writeFileSync(join(import.meta.dirname, `../../docs/console/${picture}-desktop-${scheme}.png`), taken);
  };
  await page.setViewportSize({ width: 1280, height: 720 });
  if (picture) await take("light");
  await page.emulateMedia({ colorScheme: "dark" });
  if (picture) await take("dark");
  await page.setViewportSize({ width: 390, height: 780 });
  await isAccessible(visitor, `${path}, dark, on a phone`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow).toBe(0);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
  isQuiet(visitor, house);
});
