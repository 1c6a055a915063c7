// Trying a file out: sent, and started as a dry run. The file is kept while the page lives, for when its columns are to mean something else.
import type { Client } from "urql";
import { idempotencyKey, send, type Refusal } from "../api/change.ts";
import { StartImportDocument, type ImportColumnMappingInput } from "../api/generated/graphql.ts";
import type { Trouble } from "../api/trouble.ts";
import { upload } from "./upload.ts";

export interface Wish {
  file: File;
  /** Whether those who are new are invited at once, or only added. */
  sendsInvitations: boolean;
}

const held = new Map<string, Wish>();

export const heldWish = (importId: string): Wish | undefined => held.get(importId);

export type Tried = { importId: string } | { trouble: Trouble } | { refusals: readonly Refusal[] };

export async function tryOut(client: Client, wish: Wish, tell: (share: number) => void, columnMapping: ImportColumnMappingInput[] | null = null): Promise<Tried> {
  const sent = await upload(client, wish.file, tell);
  if (!("uploadId" in sent)) return sent;
  // Nothing is changed before somebody has seen what would be.
  const input = { uploadId: sent.uploadId, mode: "DRY_RUN" as const, sendInvitations: wish.sendsInvitations, columnMapping, idempotencyKey: idempotencyKey() };
  const { data, trouble } = await send(client, StartImportDocument, { input });
  if (trouble) return { trouble };
  const started = data.startImport?.import;
  if (!started) return { refusals: data.startImport?.userErrors ?? [] };
  held.set(started.id, wish);
  return { importId: started.id };
}
