import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { operate } from "./house.ts";
import { enter, isAccessible, isQuiet, launch, visit } from "./visitor.ts";

const house = inject("house");
let browser: Browser;
beforeAll(async () => void (browser = await launch()));
afterAll(() => browser.close());

it("a person signs in with the keyboard alone and comes to the address they asked for", async () => {
  const visitor = await visit(browser);
  const { page } = visitor;
  await page.goto(`${house.url}/products`);
  await page.getByLabel("E-mail address").waitFor();
  await page.keyboard.type(house.email);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Continue with single sign-on" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByLabel("Password").waitFor();
  await page.keyboard.type(house.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Products", level: 1 }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/products");
  await page.reload();
  await page.getByRole("heading", { name: "Products", level: 1 }).waitFor();
  isQuiet(visitor, house);
  await visitor.context.close();
});

it.each(["light", "dark"] as const)("every step of signing in is accessible: %s", async (scheme) => {
  const visitor = await visit(browser, { scheme });
  const { page } = visitor;
  await page.goto(`${house.url}/sign-in`);
  await page.getByLabel("E-mail address").fill(house.email);
  await isAccessible(visitor, "e-mail");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Use a password instead" }).waitFor();
  await isAccessible(visitor, "provider");
  await page.getByRole("button", { name: "Use a password instead" }).click();
  await page.getByLabel("Password").fill("not the password at all");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByText("Address or password is wrong.").waitFor();
  await isAccessible(visitor, "wrong password");
  await page.getByRole("button", { name: "I have forgotten my password" }).click();
  await page.getByRole("button", { name: "Send me a link" }).waitFor();
  await isAccessible(visitor, "forgotten");
  isQuiet(visitor, house);
  await visitor.context.close();
});

it("whoever belongs to several accounts chooses one, and goes over to another", async () => {
  const email = "sam.several@two-houses.example";
  const { password } = house;
  for (const slug of ["first-house", "second-house"]) operate(house, ["create-account", "--name", slug, "--email", email, "--password-stdin", slug], password);
  const visitor = await visit(browser);
  const { page } = visitor;
  await enter(visitor, house, "/products", email, password);
  await page.getByRole("heading", { name: "Which account?" }).waitFor();
  await isAccessible(visitor, "which account");
  await page.getByRole("button", { name: "second-house" }).click();
  await page.getByRole("heading", { name: "Products", level: 1 }).waitFor();
  await page.getByRole("link", { name: "second-house" }).waitFor();
  await page.getByRole("button", { name: /Your account/ }).click();
  await page.getByRole("menuitem", { name: "Go to first-house" }).click();
  await page.getByRole("link", { name: "first-house" }).waitFor();
  isQuiet(visitor, house);
  await visitor.context.close();
});

it("whoever forgot their password is sent a link, and hears so", async () => {
  const visitor = await visit(browser);
  const { page } = visitor;
  await page.goto(`${house.url}/sign-in`);
  await page.getByLabel("E-mail address").fill("nobody@elsewhere.example");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "I have forgotten my password" }).click();
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.getByText("If nobody@elsewhere.example is known to us").waitFor();
  await visitor.context.close();
});

it("people of a domain with a provider are sent there, and are signed in when they come back", async () => {
  const visitor = await visit(browser);
  const { page } = visitor;
  await page.goto(`${house.url}/people`);
  await page.getByLabel("E-mail address").fill("noor.newcomer@demo.example");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Continue with single sign-on" }).click();
  // Whoever is added by it is an ordinary user, who has no list to see.
  await page.getByText("Mira Okafor").click();
  await page.getByRole("heading", { name: "This is not for your role", level: 1 }).waitFor();
  await isAccessible(visitor, "forbidden");
  await page.goto(`${house.url}/`);
  await page.getByRole("heading", { name: "My products", level: 1 }).waitFor();
  expect(await page.getByRole("navigation", { name: "Screens" }).getByRole("link").count()).toBe(1);
  // What the organisation keeps is changed there.
  await page.getByRole("link", { name: "My profile" }).click();
  await page.getByText("Your organisation keeps your address.").waitFor();
  expect(await page.getByLabel("Given name").isDisabled()).toBe(true);
  await isAccessible(visitor, "kept by the organisation");
  await visitor.context.close();
});

it("the texts are there in every language, and the choice is kept", async () => {
  const visitor = await visit(browser, { locale: "de-AT" });
  const { page } = visitor;
  await page.goto(`${house.url}/sign-in`);
  await page.getByRole("heading", { name: "Anmelden" }).waitFor();
  await page.getByRole("button", { name: "Sprache" }).click();
  await page.getByRole("menuitemradio", { name: "日本語" }).click();
  await page.getByRole("heading", { name: "サインイン" }).waitFor();
  expect(await page.getAttribute("html", "lang")).toBe("ja");
  await page.reload();
  await page.getByRole("heading", { name: "サインイン" }).waitFor();
  await page.getByRole("button", { name: "言語" }).click();
  await page.getByRole("menuitemradio", { name: "Français" }).click();
  await page.getByRole("heading", { name: "Connexion" }).waitFor();
  isQuiet(visitor, house);
  await visitor.context.close();
});

it("light and dark are chosen, and signing out in one tab ends the other", async () => {
  const visitor = await visit(browser);
  const { page } = visitor;
  await enter(visitor, house, "/products");
  await page.getByRole("heading", { name: "Products", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Light or dark" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  expect(await page.getAttribute("html", "data-theme")).toBe("dark");
  const other = await visitor.context.newPage();
  await other.goto(`${house.url}/products`);
  await other.getByRole("heading", { name: "Products", level: 1 }).waitFor();
  expect(await other.getAttribute("html", "data-theme")).toBe("dark");
  await page.getByRole("button", { name: /Your account/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await other.getByRole("heading", { name: "Sign in again" }).waitFor();
  await isAccessible({ ...visitor, page: other }, "the session is over");
  await visitor.context.close();
});
