import { Link, Redirect, useRoute } from "wouter";
import { Title } from "../design/states.tsx";
import { useText, type Key } from "../language/language.ts";
import { OwnProducts } from "./OwnProducts.tsx";
import { OwnProfile } from "./OwnProfile.tsx";
import { OwnSessions } from "./OwnSessions.tsx";
import { OwnUsage } from "./OwnUsage.tsx";
import { Support } from "./Support.tsx";
import "../list/list.css";
import "./me.css";

const PARTS = ["products", "usage", "profile", "sessions", "support"] as const;
type Part = (typeof PARTS)[number];
const LABELS: Record<Part, Key> = { products: "nav.me", usage: "me.usage", profile: "me.profile", sessions: "me.sessions", support: "nav.support" };

/** What everybody has of their own, whatever their role. */
export function MeScreen() {
  const t = useText();
  const [, route] = useRoute("/me/:part?");
  const part = PARTS.find((one) => one === route?.part);
  if (!part) return <Redirect to="/me/products" replace />;
  return (
    <div className="me">
      <div className="head">
        <Title key={part}>{t(LABELS[part])}</Title>
      </div>
      <nav className="parts" aria-label={t("me.parts")}>
        {PARTS.map((one) => (
          <Link key={one} href={`/me/${one}`} aria-current={one === part ? "page" : undefined}>
            {t(LABELS[one])}
          </Link>
        ))}
      </nav>
      {part === "products" ? <OwnProducts /> : null}
      {part === "usage" ? <OwnUsage /> : null}
      {part === "profile" ? <OwnProfile /> : null}
      {part === "sessions" ? <OwnSessions /> : null}
      {part === "support" ? <Support /> : null}
    </div>
  );
}
