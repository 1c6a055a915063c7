import { useRef } from "react";
import { Input, Label, TextField } from "react-aria-components";
import { useText } from "../language/language.ts";
import { Button } from "./Button.tsx";
import { notify } from "./notices.tsx";

/** A value to be entered elsewhere, to the letter. */
export function CopyLine({ label, value }: { label: string; value: string }) {
  const t = useText();
  const input = useRef<HTMLInputElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      notify(t("common.copied"));
    } catch {
      // Where the browser does not let pages write there, it is ready to be copied by hand.
      input.current?.select();
    }
  };
  return (
    <TextField className="field" value={value} isReadOnly>
      <Label>{label}</Label>
      <span className="copy-line">
        <Input ref={input} className="input copy-value" onFocus={(event) => event.target.select()} />
        <Button onPress={() => void copy()} aria-label={t("common.copyOf", { what: label })}>
          {t("common.copy")}
        </Button>
      </span>
    </TextField>
  );
}
