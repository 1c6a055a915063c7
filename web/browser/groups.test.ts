import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { enter, isAccessible, isQuiet, launch, visit, type Visitor } from "./visitor.ts";

const house = inject("house");
let browser: Browser;
let visitor: Visitor;
beforeAll(async () => {
  browser = await launch();
  visitor = await visit(browser);
  await enter(visitor, house, "/groups");
  await visitor.page.getByRole("heading", { name: "Groups", level: 1 }).waitFor();
});
afterAll(() => browser.close());

const dialog = () => visitor.page.getByRole("dialog");

it("a group is made, gives a product, takes people in and lets them go, with the figures before", async () => {
  const { page } = visitor;
  await page.getByRole("button", { name: "New group" }).click();
  await dialog().getByLabel("Name").fill("Draughtspeople");
  await dialog().getByLabel("What it is for").fill("Whoever draws");
  await isAccessible(visitor, "a new group");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Draughtspeople", level: 1 }).waitFor();
  await page.getByRole("heading", { name: "Nobody is in it yet" }).waitFor();
  await isAccessible(visitor, "nobody in it");

  await page.getByRole("button", { name: "Change what it gives" }).click();
  await dialog().getByText("Muster Sketch").click();
  await isAccessible(visitor, "what it gives");
  await dialog().getByRole("button", { name: "See what would happen" }).click();
  await dialog().getByText("No seat moves.").waitFor();
  await dialog().getByRole("button", { name: "Change it" }).click();
  await page.getByRole("region", { name: "Gives" }).getByText("Muster Sketch").waitFor();

  await page.getByRole("button", { name: "Add people" }).click();
  await dialog().getByRole("searchbox").fill("kovari lumen");
  const found = dialog().getByRole("option").filter({ hasText: "lumen" });
  await found.nth(1).waitFor();
  await found.nth(0).click();
  await found.nth(1).click();
  await dialog().getByText("2 people chosen").waitFor();
  await dialog().getByRole("button", { name: "See what would happen" }).click();
  await dialog().getByRole("table").getByText("Muster Sketch").waitFor();
  await isAccessible(visitor, "what adding comes to");
  await dialog().getByRole("button", { name: "Add 2 people" }).click();
  await page.getByText("2 people have come in.").waitFor();
  await page.locator("#row-1 .person-name").waitFor();
  await isAccessible(visitor, "members");

  await page.getByRole("grid").focus();
  await page.keyboard.press(" ");
  await page.getByRole("button", { name: "Remove from group" }).click();
  await dialog().getByRole("table").or(dialog().getByText("No seat moves.")).waitFor();
  await isAccessible(visitor, "what leaving comes to");
  await dialog().getByRole("button", { name: "Remove from group" }).click();
  await page.getByText("1 person has left.").waitFor();
  await page.getByText("1 person", { exact: true }).waitFor();
  isQuiet(visitor, house);
});

it("all who match come in by a job, from the list of people too, and a person shows their groups", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/groups`);
  await page.getByRole("link", { name: "Draughtspeople" }).click();
  await page.getByRole("button", { name: "Add people" }).click();
  await dialog().getByText("All who match").click();
  await dialog().getByRole("searchbox").fill("tallgrass");
  await dialog().getByText(/^\d{3} people match$/).waitFor();
  await dialog().getByRole("button", { name: "See what would happen" }).click();
  await dialog().getByRole("table").waitFor();
  await dialog().getByRole("button", { name: /Add \d{3} people/ }).click();
  await dialog().getByText("Finished.").waitFor({ timeout: 30_000 });
  await dialog().getByRole("button", { name: "Done" }).click();
  await page.getByText(/^\d{3} people$/).waitFor();

  await page.goto(`${house.url}/people?q=harbour&status=PENDING`);
  await page.locator(".person-name").first().waitFor();
  await page.getByRole("checkbox", { name: /Select all/ }).click();
  await page.getByText(/^\d{3} people selected$/).waitFor();
  await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Add to group" }).click();
  await dialog().getByRole("button", { name: /Draughtspeople/ }).waitFor();
  await isAccessible(visitor, "people into a group");
  await dialog().getByRole("button", { name: "Add to group" }).click();
  await dialog().getByText("Finished.").waitFor({ timeout: 30_000 });
  await dialog().getByRole("button", { name: "Done" }).click();

  await page.locator(".person-name").first().click();
  const panel = page.getByRole("complementary");
  await panel.getByRole("link", { name: "Draughtspeople" }).waitFor();
  await isAccessible(visitor, "groups of a person");
  await panel.getByRole("button", { name: "Remove from group: Draughtspeople" }).click();
  await dialog().getByRole("button", { name: "Remove from group" }).click();
  await panel.getByText("In no group.").waitFor();
  isQuiet(visitor, house);
});

it("groups are accessible in the dark, and fit a phone", async () => {
  const looks = await visit(browser, { scheme: "dark", width: 390 });
  const { page } = looks;
  await enter(looks, house, "/groups");
  await page.getByRole("link", { name: "Draughtspeople" }).waitFor();
  await isAccessible(looks, "groups");
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
  await page.getByRole("link", { name: "Draughtspeople" }).click();
  await page.locator("#row-0 .person-name").waitFor();
  await isAccessible(looks, "a group");
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
  isQuiet(looks, house);
  await looks.context.close();
});

it("a group is renamed and deleted, and says before what becomes free", async () => {
  const { page } = visitor;
  await page.goto(`${house.url}/groups`);
  await page.getByRole("searchbox", { name: "Search groups" }).fill("draught");
  await page.waitForURL(/q=draught/);
  await page.getByRole("link", { name: "Draughtspeople" }).click();
  await page.getByRole("button", { name: "Rename" }).click();
  await dialog().getByLabel("Name").fill("Illustrators");
  await dialog().getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Illustrators", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Delete" }).click();
  await dialog().getByRole("table").getByText("Muster Sketch").waitFor();
  await isAccessible(visitor, "what deleting comes to");
  await dialog().getByRole("button", { name: "Delete" }).click();
  await page.getByText("Illustrators is deleted.").waitFor();
  await page.getByRole("heading", { name: "No groups yet" }).waitFor();
  isQuiet(visitor, house);
});
