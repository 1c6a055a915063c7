import { useState } from "react";
import { RequestAccessDocument } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { TextArea } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { useText } from "../language/language.ts";
import { characters } from "../language/letters.ts";

export interface Wanted {
  id: string;
  name: string;
}

const NOTE = 500;

/** Asks for a product: whoever may give seats is told, and decides. */
export function RequestProduct({ product, onClose }: { product: Wanted; onClose: (isDone: boolean) => void }) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt();
  const [note, setNote] = useState("");
  const ask = async () => {
    const done = await attempt(RequestAccessDocument, { input: { productId: product.id, note: note.trim() || null } }, (data) => data.requestAccess);
    if (!done) return;
    notify(t("me.requested", { product: product.name }));
    onClose(true);
  };
  return (
    <Dialog title={t("me.requestOf", { product: product.name })} isOpen onClose={() => onClose(false)} isKept={isBusy}>
      <div className="dialog-body">
        <p>{t("me.requestAdvice")}</p>
        <TextArea label={t("me.note")} help={t("me.left", { count: NOTE - characters(note).length })} value={note} onChange={setNote} maxLength={NOTE} />
        {problems}
      </div>
      <div className="dialog-actions">
        <Button onPress={() => onClose(false)} isDisabled={isBusy}>
          {t("common.cancel")}
        </Button>
        <Button look="main" isPending={isBusy} onPress={() => void ask()}>
          {t("me.request")}
        </Button>
      </div>
    </Dialog>
  );
}
