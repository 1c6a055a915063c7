// People by the thousand, through the public API: files of 5,000, without mails.
import { createHash } from "node:crypto";
import { asker } from "./ask.ts";
import type { House } from "./house.ts";

const FILE = 5_000;

export async function fill(house: House, count: number, domain: string) {
  const ask = await asker(house);
  for (let from = 0; from < count; from += FILE) {
    const rows = Array.from({ length: Math.min(FILE, count - from) }, (_, place) => `Given${from + place},Family${from + place},p${from + place}@${domain}`);
    const text = ["First Name,Last Name,Email", ...rows].join("\n");
    const input = { purpose: "USER_IMPORT", filename: "many.csv", byteSize: Buffer.byteLength(text), contentType: "text/csv", sha256: createHash("sha256").update(text).digest("base64") };
    const { createUpload } = await ask<{ createUpload: { upload: { id: string }; target: { url: string; headers: { name: string; value: string }[] } } }>(
      "mutation($input: CreateUploadInput!) { createUpload(input: $input) { upload { id } target { url headers { name value } } } }",
      { input },
    );
    const { url, headers } = createUpload.target;
    await fetch(url, { method: "PUT", headers: Object.fromEntries(headers.filter(({ name }) => !/^(host|content-length)$/i.test(name)).map(({ name, value }) => [name, value])), body: text });
    const { startImport } = await ask<{ startImport: { import: { id: string } } }>(
      "mutation($input: StartImportInput!) { startImport(input: $input) { import { id } } }",
      { input: { uploadId: createUpload.upload.id, mode: "APPLY", sendInvitations: false } },
    );
    for (;;) {
      const { import: one } = await ask<{ import: { status: string } }>("query($id: ID!) { import(id: $id) { status } }", { id: startImport.import.id });
      if (one.status === "SUCCEEDED") break;
      if (!["QUEUED", "RUNNING"].includes(one.status)) throw new Error(`the import ended ${one.status}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
