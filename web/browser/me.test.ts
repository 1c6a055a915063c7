import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { asker, type Ask } from "./ask.ts";
import { operate } from "./house.ts";
import { accept, mailTo } from "./join.ts";
import { enter, isAccessible, isQuiet, launch, visit, type Visitor } from "./visitor.ts";

// Accounts of the demo beside its own: one with a year behind it, and one that works with the classic view.
const house = inject("house");
const works = { ...house, email: "walter.works@demo-works.example" };
const classic = { ...house, email: "carla.contract@demo-classic.example" };
const petra = "petra.plain@demo-works.example";
const password = "a plain password of Petra";

let browser: Browser;
let visitor: Visitor;
let ask: Ask;
beforeAll(async () => {
  browser = await launch();
  ask = await asker(works);
  const { account } = await ask<{ account: { subscriptions: { nodes: { id: string; product: { code: string; components: { id: string; code: string; isRequired: boolean }[] } }[] } } }>(
    "{ account { subscriptions(first: 20) { nodes { id product { code components { id code isRequired } } } } } }",
  );
  const draw = account.subscriptions.nodes.find(({ product }) => product.code === "DRAW");
  const { inviteUser } = await ask<{ inviteUser: { user: { assignments: { nodes: { id: string }[] } } } }>(
    "mutation($input: InviteUserInput!) { inviteUser(input: $input) { user { id assignments(first: 1) { nodes { id } } } } }",
    { input: { email: petra, givenName: "Petra", familyName: "Plain", subscriptionIds: [draw?.id] } },
  );
  const seat = inviteUser.user.assignments.nodes[0];
  const needed = draw?.product.components.filter(({ isRequired, code }) => isRequired || code === "DRAW").map(({ id }) => id);
  await ask("mutation($input: CustomizeAssignmentInput!) { customizeAssignment(input: $input) { userErrors { message } } }", { input: { assignmentId: seat?.id, componentIds: needed } });
  const day = new Date().toISOString().slice(0, 10);
  const record = { email: petra, productCode: "DRAW", day, minutes: 90, launches: 3, credits: "1.5", key: "plain" };
  await ask("mutation($records: [UsageRecordInput!]!) { recordUsage(input: { records: $records }) { userErrors { code } } }", { records: [record] });
  await accept(house, petra, password);
  visitor = await visit(browser);
  await enter(visitor, house, "/", petra, password);
  await visitor.page.getByRole("heading", { name: "My products", level: 1 }).waitFor();
});
afterAll(() => browser.close());

/** Signing on by the cookie, who it is, and what the screen shows. */
const REQUESTS = 3;

/** The pictures of docs/console.md; `UPDATE_DOCS=1` keeps them. */
const LARGEST = 150 * 1024;
const PICTURES: Record<string, string> = { "/me/products": "me", "/add-people": "add-people" };

async function take({ page }: Visitor, path: string, scheme: "light" | "dark") {
  const picture = PICTURES[path];
  if (!picture) return;
  await page.mouse.move(0, 0);
  const taken = await page.screenshot();
  expect(taken.length, path).toBeLessThan(LARGEST);
  if (process.env.UPDATE_DOCS) writeFileSync(join(import.meta.dirname, `../../docs/console/${picture}-desktop-${scheme}.png`), taken);
}

async function looksGood(own: Visitor, path: string, shown: string) {
  const { page, requests } = own;
  requests.length = 0;
  await page.goto(`${house.url}${path}`);
  await page.getByText(shown, { exact: true }).first().waitFor();
  expect(requests.filter((request) => request.startsWith("POST"))).toHaveLength(REQUESTS);
  await isAccessible(own, path);
  await page.setViewportSize({ width: 1280, height: 720 });
  await take(own, path, "light");
  await page.emulateMedia({ colorScheme: "dark" });
  await take(own, path, "dark");
  await page.setViewportSize({ width: 390, height: 780 });
  // Colours go over from the one to the other.
  await page.evaluate(async () => {
    await new Promise(requestAnimationFrame);
    await Promise.all(document.getAnimations().map(({ finished }) => finished));
  });
  await isAccessible(own, `${path}, dark, on a phone`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), path).toBe(0);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
}

it("whoever administers nothing comes to their products, asks for another, and reads what was decided", async () => {
  const { page } = visitor;
  await looksGood(visitor, "/me/products", "Products you have");
  const seats = page.getByRole("region", { name: "Products you have" });
  await seats.getByRole("heading", { name: "Muster Draw" }).waitFor();
  await seats.getByText(/^Switched off for you: /).waitFor();
  // Of the screens that others administer by, there is none.
  expect(await page.getByRole("navigation", { name: "Screens" }).getByRole("link").allTextContents()).toEqual(["My products"]);
  await page.getByRole("button", { name: "Ask for Muster Render" }).click();
  await page.getByRole("dialog").getByLabel("What you need it for (optional)").fill("For the new office.");
  await isAccessible(visitor, "asking");
  await page.getByRole("dialog").getByRole("button", { name: "Ask", exact: true }).click();
  await page.getByText("You have asked for Muster Render.").waitFor();
  const asked = page.getByRole("region", { name: "What you asked for" });
  await asked.getByText("Not decided yet").waitFor();
  await page.getByRole("region", { name: "Products you can ask for" }).getByText("Asked for", { exact: true }).waitFor();
  const { account } = await ask<{ account: { accessRequests: { nodes: { id: string; note: string }[] } } }>("{ account { accessRequests(first: 5, filter: { status: [OPEN] }) { nodes { id note } } } }");
  const own = account.accessRequests.nodes.find(({ note }) => note === "For the new office.");
  await ask("mutation($input: ApproveAccessRequestsInput!) { approveAccessRequests(input: $input) { userErrors { code } } }", { input: { requestIds: [own?.id], answer: "Have fun!" } });
  await page.reload();
  await asked.getByText("Approved").waitFor();
  await asked.getByText("Answer: Have fun!").waitFor();
  await seats.getByRole("heading", { name: "Muster Render" }).waitFor();
  isQuiet(visitor, house);
});

it("own use and credits are told by product, for the days that are chosen", async () => {
  const { page } = visitor;
  await looksGood(visitor, "/me/usage", "Muster Draw");
  isQuiet(visitor, house);
  // Credits are told on every plan, use on the premium one.
  await page.getByRole("row", { name: /^Muster Draw 1\.5 / }).waitFor();
  operate(house, ["set-plan", "demo-works", "premium"]);
  // The server hears of another plan within moments.
  const told = async () => {
    await page.reload();
    await page.getByRole("row", { name: /^Muster Draw/ }).waitFor();
    return page.getByRole("row", { name: /^Muster Draw 1 3 1\.5 1\.5 / }).count();
  };
  await expect.poll(told, { timeout: 20_000, interval: 500 }).toBe(1);
  await page.getByRole("button", { name: /Period/ }).click();
  await page.getByRole("option", { name: "Last 30 days" }).click();
  await page.waitForURL(/days=30/);
  await page.getByRole("row", { name: /Muster Draw/ }).waitFor();
});

it("the profile is changed, and another address is asked for by a link", async () => {
  const { page } = visitor;
  await page.getByRole("button", { name: /Your account/ }).click();
  await page.getByRole("menuitem", { name: "Profile and sign-ins" }).click();
  await page.getByRole("heading", { name: "My profile", level: 1 }).waitFor();
  await looksGood(visitor, "/me/profile", `You sign in as ${petra}.`);
  await page.getByLabel("Family name").fill("Plainer");
  await page.getByRole("button", { name: /Language of mails/ }).click();
  await page.getByRole("option", { name: "Deutsch" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.getByRole("button", { name: /Your account/ }).getByText("Petra Plainer").waitFor();
  await page.getByLabel("New e-mail address").fill("nonsense");
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByText("Enter an e-mail address").waitFor();
  await page.getByLabel("New e-mail address").fill("petra.new@demo-works.example");
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByText(/^A link went to petra\.new@demo-works\.example\./).waitFor();
  await isAccessible(visitor, "a link is out");
  await mailTo(house, "petra.new@demo-works.example", /https?:\/\/\S+#token=/);
  isQuiet(visitor, house);
});

it("own sign-ins are ended one by one, or all others", async () => {
  const { page } = visitor;
  const others = await Promise.all([visit(browser), visit(browser)]);
  await Promise.all(others.map((other) => enter(other, house, "/me/sessions", petra, password)));
  for (const other of others) await other.page.getByText("This one").waitFor();
  await looksGood(visitor, "/me/sessions", "This one");
  const all = page.getByRole("region", { name: "My sign-ins" }).getByRole("listitem");
  expect(await all.count()).toBe(3);
  await page.getByRole("button", { name: /^End: Chrome/ }).first().click();
  await page.getByText("1 sign-in has ended.").waitFor();
  await page.getByRole("button", { name: "End all others" }).click();
  await isAccessible(visitor, "all others");
  await page.getByRole("alertdialog").or(page.getByRole("dialog")).getByRole("button", { name: "End all others" }).click();
  await page.getByText("1 sign-in has ended.").nth(1).waitFor();
  await page.getByRole("button", { name: "End all others" }).waitFor({ state: "detached" });
  expect(await all.count()).toBe(1);
  for (const other of others) {
    await other.page.reload();
    await other.page.getByLabel("E-mail address").waitFor();
    await other.context.close();
  }
  isQuiet(visitor, house);
});

it("support is written to, and the reference is what stands in the mail", async () => {
  const { page } = visitor;
  await looksGood(visitor, "/me/support", "Subject");
  await page.getByRole("button", { name: "Send it" }).click();
  await page.getByText("Say in a line what it is about.").waitFor();
  await page.getByLabel("Subject").fill("Draw does not start");
  await page.getByLabel("What happened, and what you need").fill("Since this morning it stops with the error 17.");
  await page.getByRole("button", { name: /Which product it is about/ }).click();
  await page.getByRole("option", { name: "Muster Draw" }).click();
  await page.getByRole("button", { name: "Send it" }).click();
  const reference = page.getByLabel("Reference", { exact: true });
  await reference.waitFor();
  await isAccessible(visitor, "sent");
  await mailTo(house, "", new RegExp(`^Subject: .*${await reference.inputValue()}`, "m"));
  // The texts of these pages come with them, in whichever language is spoken.
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("menuitemradio", { name: "日本語" }).click();
  await page.getByRole("heading", { name: "サポートに問い合わせる", level: 1 }).waitFor();
  await page.getByLabel("参照番号", { exact: true }).waitFor();
  isQuiet(visitor, house);
});

it("in the classic view one person is added with all names, fifty by a list, and with fifty-one nobody", async () => {
  const own = await visit(browser);
  const { page } = own;
  await enter(own, house, "/add-people", classic.email);
  await page.getByRole("heading", { name: "Add people", level: 1 }).waitFor();
  await looksGood(own, "/add-people", "Add access now");
  await page.getByLabel("E-mail address").fill("kim@classic.example");
  await page.getByLabel("Given name").fill("Kim");
  await page.getByRole("button", { name: "Add 1 person" }).click();
  await page.getByText("Has to be filled in.").waitFor();
  await page.getByLabel("Family name").fill("Lee");
  await page.getByText("Muster Draw").click();
  await page.getByRole("button", { name: "Add 1 person" }).click();
  await page.getByRole("link", { name: "kim@classic.example" }).waitFor();
  await page.getByRole("button", { name: "Add more" }).click();
  await page.getByText("Several (bulk add)").click();
  const list = page.getByLabel("People, separated by semicolons");
  const people = (count: number) => Array.from({ length: count }, (_, place) => `Person Number${place} <p${place}@classic.example>`).join("; ");
  await list.fill(people(51));
  await page.getByText("51 of 50 people").waitFor();
  await page.getByText("At most 50 at once; with 51 nobody is added.").waitFor();
  expect(await page.getByRole("button", { name: "Add 51 people" }).isDisabled()).toBe(true);
  await isAccessible(own, "too many");
  await list.fill(people(50));
  await page.getByText("50 of 50 people").waitFor();
  await page.getByText("Muster Draw").click();
  await page.getByText("Muster Draw has 49 seats free for 50 people.").waitFor();
  await page.getByRole("button", { name: "Add 50 people" }).click();
  await page.getByText("50 people are invited. 1 of them found no seat.").waitFor();
  await page.getByRole("row", { name: /p49@classic.example Invited, without access No seat is left/ }).waitFor();
  expect(await page.getByRole("row", { name: /@classic.example/ }).count()).toBe(50);
  await page.getByRole("link", { name: "See them in the list" }).click();
  await page.getByText("52 people").waitFor();
  await page.getByRole("link", { name: "Add people" }).nth(1).waitFor();
  isQuiet(own, house);
  await own.context.close();
});

it("a contract is handed over to a coordinator, and whoever has none left is one", async () => {
  const manage = await asker(classic);
  const { classicAddUser } = await manage<{ classicAddUser: { user: { id: string } } }>("mutation { classicAddUser(input: { email: \"cora@classic.example\", givenName: \"Cora\", familyName: \"Coordinator\" }) { user { id } } }");
  await accept(house, "cora@classic.example", password);
  const own = await visit(browser);
  const { page } = own;
  await enter(own, house, "/contract-managers", classic.email);
  const handOver = page.getByRole("button", { name: "Hand over contract K-1" });
  await handOver.click();
  await page.getByText("Carla Contract").first().waitFor();
  await page.getByRole("dialog").getByText("There is no active software coordinator yet.").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await manage("mutation($id: ID!) { changeUserRole(input: { userId: $id, role: SOFTWARE_COORDINATOR }) { userErrors { code } } }", { id: classicAddUser.user.id });
  await looksGood(own, "/contract-managers", "K-1");
  await handOver.click();
  await page.getByRole("dialog").getByText("Cora Coordinator").click();
  await isAccessible(own, "handing over");
  await page.getByRole("dialog").getByRole("button", { name: "Hand over", exact: true }).click();
  const again = page.getByRole("dialog", { name: "Sign in again" });
  await again.getByLabel("Password").fill(house.password);
  await again.getByRole("button", { name: "Sign in", exact: true }).click();
  await again.waitFor({ state: "hidden" });
  await page.getByRole("row", { name: /K-1 .*Cora Coordinator/ }).waitFor();
  // Whoever coordinates hands nothing over.
  await handOver.waitFor({ state: "detached" });
  isQuiet(own, house);
  await own.context.close();
});
