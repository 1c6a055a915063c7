import type { ReactNode } from "react";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Failure, Skeleton } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import type { Walk } from "./walk.ts";

/** A list in each of its states: on its way, in trouble, empty, there, and there in part. */
export function WalkStates<Variables>({ walk, empty, children }: { walk: Walk<Variables>; empty: ReactNode; children: ReactNode }) {
  const t = useText();
  if (walk.error && walk.asked.length === 0) return <Failure trouble={troubleOf(walk.error)} onRetry={walk.again} />;
  if (walk.total === null) return <Skeleton lines={8} />;
  if (walk.total === 0) return empty;
  return (
    <>
      {walk.error ? (
        <p className="notice notice-bad" role="alert">
          {t("trouble.pageFailed")}{" "}
          <Button isSmall onPress={walk.again}>
            {t("common.tryAgain")}
          </Button>
        </p>
      ) : null}
      {children}
    </>
  );
}
