import { Link, Redirect, useRoute } from "wouter";
import { Title } from "../design/states.tsx";
import { useText, type Key } from "../language/language.ts";
import { useMay, useViewer } from "../session/viewer.ts";
import { laterIn } from "../shell/later.ts";
import { ExportsPart } from "./ExportsPart.tsx";
import { IdlePart } from "./IdlePart.tsx";
import { UnusedPart } from "./UnusedPart.tsx";
import { UsagePart } from "./UsagePart.tsx";
import "../list/list.css";
import "./reports.css";

const CreditsPart = laterIn("books", () => import("./CreditsPart.tsx").then(({ CreditsPart }) => CreditsPart));

type Part = "usage" | "unused" | "credits" | "idle" | "exports";
const LABELS: Record<Part, Key> = { usage: "reports.usage", unused: "reports.unused", credits: "reports.creditsPart", idle: "reports.idle", exports: "reports.exports" };

export function ReportsScreen() {
  const t = useText();
  const [, route] = useRoute("/reports/:part?");
  const { account } = useViewer();
  // What was measured is there on the premium plan; files are for everybody who may make them.
  const hasCredits = useMay("USAGE_READ");
  const hasUsage = hasCredits && account.plan === "PREMIUM";
  const hasSeats = useMay("PRODUCTS_READ");
  const hasExports = useMay("EXPORTS_WRITE");
  const parts: Part[] = [...(hasUsage ? (["usage", "unused"] as const) : []), ...(hasCredits ? (["credits"] as const) : []), ...(hasSeats ? (["idle"] as const) : []), ...(hasExports ? (["exports"] as const) : [])];
  const part = parts.find((one) => one === route?.part);
  const first = parts[0];
  if (!part) return first ? <Redirect to={`/reports/${first}`} replace /> : null;
  return (
    <div className={part === "idle" || part === "unused" ? "full" : "reports"}>
      <div className="head">
        <Title>{t("reports.title")}</Title>
      </div>
      <nav className="parts" aria-label={t("reports.parts")}>
        {parts.map((one) => (
          <Link key={one} href={`/reports/${one}`} aria-current={one === part ? "page" : undefined}>
            {t(LABELS[one])}
          </Link>
        ))}
      </nav>
      {part === "usage" ? <UsagePart /> : null}
      {part === "unused" ? <UnusedPart /> : null}
      {part === "credits" ? <CreditsPart /> : null}
      {part === "idle" ? <IdlePart /> : null}
      {part === "exports" ? <ExportsPart /> : null}
    </div>
  );
}
