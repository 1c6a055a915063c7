// Trying a file out: sent, and started as a dry run. The file is kept while the page lives, for when its columns are to mean something else.
import type { Client } from "urql";
import { idempotencyKey, send, type Refusal } from "../api/change.ts";
import { StartImportDocument, type ImportColumnMappingInput } from "../api/generated/graphql.ts";
import type { Trouble } from "../api/trouble.ts";
import { upload } from "./upload.ts";

const held = new Map<string, File>();

export const heldFile = (importId: string): File | undefined => held.get(importId);

export type Tried = { importId: string } | { trouble: Trouble } | { refusals: readonly Refusal[] };

export async function tryOut(client: Client, file: File, tell: (share: number) => void, columnMapping: ImportColumnMappingInput[] | null = null): Promise<Tried> {
  const sent = await upload(client, file, tell);
  if (!("uploadId" in sent)) return sent;
  // Nothing is changed before somebody has seen what would be.
  const input = { uploadId: sent.uploadId, mode: "DRY_RUN" as const, columnMapping, idempotencyKey: idempotencyKey() };
  const { data, trouble } = await send(client, StartImportDocument, { input });
  if (trouble) return { trouble };
  const started = data.startImport?.import;
  if (!started) return { refusals: data.startImport?.userErrors ?? [] };
  held.set(started.id, file);
  return { importId: started.id };
}
