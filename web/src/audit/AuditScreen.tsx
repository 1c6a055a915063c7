import { useMemo } from "react";
import { useLocation, useRoute, useSearch } from "wouter";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Empty, Failure, Skeleton, Title } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { AuditFilters } from "./AuditFilters.tsx";
import { AuditPanel } from "./AuditPanel.tsx";
import { AuditTimeline } from "./AuditTimeline.tsx";
import { useAuditPages } from "./pages.ts";
import { filterOf, NO_QUERY, narrowed, readQuery, writeQuery, type AuditQuery } from "./query.ts";
import "./audit.css";

export function AuditScreen() {
  const t = useText();
  const search = useSearch();
  const [location, navigate] = useLocation();
  const [, route] = useRoute("/audit/:id");
  const query = useMemo(() => readQuery(new URLSearchParams(search)), [search]);
  const filter = useMemo(() => filterOf(query), [query]);
  const pages = useAuditPages(filter);
  const change = (next: AuditQuery) => navigate(`${location}${writeQuery(next)}`, { replace: true });
  const suffix = writeQuery(query);
  return (
    <div className="audit" data-open={route ? true : undefined}>
      <div className="audit-list">
        <div className="head">
          <div>
            <Title>{t("audit.title")}</Title>
            <p>{t("audit.advice")}</p>
          </div>
        </div>
        <AuditFilters query={query} names={pages.names} onChange={change} />
        {pages.events.length > 0 ? (
          <AuditTimeline pages={pages} openId={route?.id ?? null} hrefOf={(id) => `/audit/${id}${suffix}`} />
        ) : pages.error ? (
          <Failure trouble={troubleOf(pages.error)} onRetry={pages.again} />
        ) : !pages.isKnown ? (
          <Skeleton lines={10} />
        ) : (
          <Empty title={t("audit.none")} action={narrowed(query) > 0 ? <Button onPress={() => change(NO_QUERY)}>{t("people.clearFilters")}</Button> : null}>
            {t("audit.noneAdvice")}
          </Empty>
        )}
      </div>
      {route ? <AuditPanel key={route.id} id={route.id} query={query} onClose={() => navigate(`/audit${suffix}`)} /> : null}
    </div>
  );
}
