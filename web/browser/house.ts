// The real binary, with everything in one process on SQLite, filled as `make demo` fills it. What tests need beside is made by the operator's commands.
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestProject } from "vitest/node";

export interface House {
  url: string;
  folder: string;
  email: string;
  password: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    house: House;
  }
}

export const binary = process.env.MUSTER_BINARY ?? join(import.meta.dirname, "../../target/debug/muster");

export default async function open(project: TestProject) {
  const folder = mkdtempSync(join(tmpdir(), "muster-console-"));
  const url = `http://127.0.0.1:${process.env.MUSTER_BROWSER_PORT ?? "18473"}`;
  const server = spawn(binary, ["demo", "--data-dir", folder, "--listen", new URL(url).host], { stdio: ["ignore", "pipe", "inherit"] });
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`the server ended with ${String(code)}: ${said.join("\n")}`)));
    createInterface({ input: server.stdout }).on("line", (line) => {
      said.push(line);
      if (line.startsWith("Sign in:")) resolve();
    });
  });
  const told = JSON.parse(readFileSync(join(folder, "demo.json"), "utf8")) as { email: string; password: string; url?: string };
  const at = said.find((line) => line.startsWith("Look around:"))?.match(/http:\/\/[^/\s]+/)?.[0] ?? url;
  project.provide("house", { url: at, folder, email: told.email, password: told.password });
  return async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
}

/** A command of the operator, on the same data. */
export const operate = (house: House, words: string[], input = "") => execFileSync(binary, ["admin", "--data-dir", house.folder, ...words], { encoding: "utf8", input });
