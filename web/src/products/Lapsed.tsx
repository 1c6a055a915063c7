import { Badge } from "../design/states.tsx";
import { formatDay } from "../language/format.ts";
import { useText } from "../language/language.ts";

/** Of a seat whose term is over: that it lapsed, and until when access goes on. */
export function Lapsed({ seat }: { seat: { isLapsed: boolean; graceEndsOn?: string | null } }) {
  const t = useText();
  if (!seat.isLapsed) return null;
  return (
    <>
      <Badge tone="wait">{t("seats.lapsed")}</Badge>
      {seat.graceEndsOn ? <span className="note"> {t("seats.grace", { day: formatDay(seat.graceEndsOn) })}</span> : null}
    </>
  );
}
