// Drives the page of examples/console in a real browser: node browser.js <chromium> <page's address> <e-mail> <password> <csv file>
//
// Prints one line of JSON a step. After "token" it waits for a line on its input: the token is to have lapsed by then.
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [executablePath, address, email, password, file] = process.argv.slice(2);
const say = (step, told = {}) => console.log(JSON.stringify({ step, ...told }));
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const browser = await chromium.launch({
  executablePath,
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ],
});
const page = await browser.newPage();
page.setDefaultTimeout(20_000);
const requests = [];
page.on("request", (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
const said = [];
page.on("console", (message) => said.push(message.text()));
const calls = (wanted) => requests.filter((request) => request === wanted).length;

await page.goto(address);
await page.fill("input[name=email]", email);
await page.fill("input[name=password]", "not the password at all");
await page.click("#sign-in button");
await page.waitForFunction(() => document.getElementById("trouble").textContent.startsWith("INVALID_CREDENTIALS"));
await page.fill("input[name=password]", password);
await page.click("#sign-in button");
await page.waitForFunction(() => document.getElementById("who").textContent.startsWith("Signed in to"));
say("signed in", { who: await page.textContent("#who") });

const read = async () => {
  await page.evaluate(() => (document.getElementById("account").textContent = ""));
  await page.click("#read");
  await page.waitForFunction(() => document.getElementById("account").textContent !== "");
  return JSON.parse(await page.textContent("#account"));
};
say("read", { account: await read() });

const before = calls("POST /auth/refresh");
say("token");
await input.next();
say("read again", { account: await read(), refreshes: calls("POST /auth/refresh") - before });

await page.setInputFiles("input[name=file]", file);
await page.click("#import button");
await page.waitForFunction(() => document.querySelector("#progress li:last-child")?.textContent === "AWAITING_CONFIRMATION");
say("imported", {
  states: await page.$$eval("#progress li", (lines) => lines.map((line) => line.textContent)),
  puts: requests.filter((request) => request.startsWith("PUT /")).length,
});

await page.reload();
await page.waitForFunction(() => document.getElementById("who").textContent === "Still signed in.");
say("resumed", { account: await read() });

assert.equal(await page.textContent("#trouble"), "");
const refused = said.filter((text) => text.includes("CORS"));
assert.deepEqual(refused, [], "the browser let everything through");
await browser.close();
process.exit(0);
