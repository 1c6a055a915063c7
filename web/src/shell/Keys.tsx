import { Suspense, useEffect, useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { Icon } from "../design/icons.tsx";
import { useText } from "../language/language.ts";
import { later } from "./later.ts";

const Palette = later(() => import("./Palette.tsx").then(({ Palette }) => Palette));
const Shortcuts = later(() => import("./Shortcuts.tsx").then(({ Shortcuts }) => Shortcuts));

/** Whoever types means the letter. */
const isTyping = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** What the keyboard opens from everywhere, and the button that does the same. */
export function Keys() {
  const t = useText();
  const [open, setOpen] = useState<"palette" | "shortcuts" | null>(null);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      // What stands in a dialog is finished first.
      const isFree = document.querySelector("[role=dialog], [role=alertdialog]") === null;
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        if (isFree) setOpen("palette");
      } else if (event.key === "?" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target) && isFree) {
        event.preventDefault();
        setOpen("shortcuts");
      }
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
  return (
    <>
      <AriaButton className="find-button" onPress={() => setOpen("palette")} aria-keyshortcuts="Control+K">
        <Icon name="search" />
        <span>{t("palette.open")}</span>
        <kbd aria-hidden="true">{t("palette.key")}</kbd>
      </AriaButton>
      <Suspense>
        {open === "palette" ? <Palette onClose={() => setOpen(null)} onShortcuts={() => setOpen("shortcuts")} /> : null}
        {open === "shortcuts" ? <Shortcuts onClose={() => setOpen(null)} /> : null}
      </Suspense>
    </>
  );
}
