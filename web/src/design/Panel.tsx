import { useEffect, useRef, type ReactNode } from "react";
import { useText } from "../language/language.ts";
import { Button } from "./Button.tsx";

interface PanelProps {
  /** Null until it is known. */
  title: string | null;
  note?: string | null | undefined;
  /** What is said in its place until then. */
  kind: string;
  /** It lies over what it is beside, where that needs its width. */
  isOver?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** One thing, beside the list that it is of. Its heading takes the focus once it is there; Escape closes it. */
export function Panel({ title, note, kind, isOver = false, onClose, children }: PanelProps) {
  const t = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  const isThere = title !== null;
  useEffect(() => {
    if (isThere) heading.current?.focus({ preventScroll: true });
  }, [isThere]);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it from wherever the focus is within
    <aside
      className={`panel card${isOver ? " panel-over" : ""}`}
      aria-label={title ?? t("common.loading")}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <div className="panel-head">
        <div>
          <h2 ref={heading} tabIndex={-1}>
            {title ?? kind}
          </h2>
          {note ? <p>{note}</p> : null}
        </div>
        <Button look="bare" isSmall icon="close" aria-label={t("common.close")} onPress={onClose} />
      </div>
      {children}
    </aside>
  );
}
