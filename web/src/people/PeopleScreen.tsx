import { useCallback, useEffect, useMemo, useState, useTransition } from "react";
import { Button as AriaButton } from "react-aria-components";
import { useQuery } from "urql";
import { Link, useLocation, useRoute, useSearch } from "wouter";
import { Button } from "../design/Button.tsx";
import { Menu } from "../design/Menu.tsx";
import { Icon } from "../design/icons.tsx";
import { Empty, Title } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { useStable } from "../list/stable.ts";
import { useWalk } from "../list/walk.ts";
import { WalkStates } from "../list/WalkStates.tsx";
import { useMay, useViewer } from "../session/viewer.ts";
import { onDemand } from "../shell/later.ts";
import { ACTIONS, type Action } from "./actions.ts";
import { COLUMNS, readColumns, writeColumns, type ColumnName } from "./columns.ts";
import { Filters } from "./Filters.tsx";
import { PEOPLE, PeopleTable } from "./PeopleTable.tsx";
import { PersonPanel } from "./PersonPanel.tsx";
import { filterOf, isNarrowed, NO_QUERY, orderOf, readQuery, writeQuery, type PeopleQuery } from "./query.ts";
import { count, EVERYBODY, NOBODY, type Selection } from "./selection.ts";
import "./people.css";

const BulkDialog = onDemand(() => import("./BulkDialog.tsx").then(({ BulkDialog }) => BulkDialog));
const JobDialog = onDemand(() => import("../jobs/JobView.tsx").then(({ JobDialog }) => JobDialog));

/** How long somebody types before they are answered. */
const PAUSE = 160;
const today = new Date();
const NONE: never[] = [];

/** The address bar holds what is shown; what is typed is in it once the typing rests. */
function useAddress() {
  const search = useSearch();
  const [location, navigate] = useLocation();
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const kept = useMemo(() => readQuery(params), [params]);
  const [typed, setTyped] = useState<string | null>(null);
  const columns = useMemo(() => readColumns(params.get("cols")), [params]);
  const [, startTransition] = useTransition();

  const write = useCallback(
    (query: PeopleQuery, shown: ColumnName[]) => {
      const next = writeQuery(query);
      const cols = writeColumns(shown);
      if (cols !== null) next.set("cols", cols);
      const text = next.toString();
      startTransition(() => navigate(`${location}${text ? `?${text}` : ""}`, { replace: true }));
    },
    [location, navigate],
  );
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => {
      write({ ...kept, search: typed }, columns);
      setTyped(null);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [typed, kept, columns, write]);
  const change = (query: PeopleQuery) => {
    if (query.search !== (typed ?? kept.search) && query.search !== "") setTyped(query.search);
    else {
      setTyped(null);
      write(query, columns);
    }
  };
  return { kept, shown: typed === null ? kept : { ...kept, search: typed }, change, columns, setColumns: (names: ColumnName[]) => write(kept, names), search };
}

export function PeopleScreen() {
  const t = useText();
  const viewer = useViewer();
  const mayWrite = useMay("USERS_WRITE");
  const mayAssign = useMay("ASSIGNMENTS_WRITE");
  const mayGroup = useMay("GROUPS_WRITE");
  const { kept, shown, change, columns, setColumns, search } = useAddress();
  const [, navigate] = useLocation();
  const [, route] = useRoute("/people/:id");
  const openId = route?.id ?? null;
  const filter = useMemo(() => filterOf(kept, today), [kept]);
  const orderBy = useMemo(() => orderOf(kept), [kept]);
  const walk = useWalk(PEOPLE, { filter, orderBy });
  const first = walk.asked[0];
  const [{ data }] = useQuery({ query: PEOPLE.document, variables: first ?? { first: 0, withCount: false }, pause: !first });
  const [selection, setSelection] = useState<Selection>(NOBODY);
  const [action, setAction] = useState<Action | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const filterName = JSON.stringify(filter);
  // Who was picked out of one list is not meant in another.
  useEffect(() => setSelection(NOBODY), [filterName]);

  const query = search ? `?${search}` : "";
  const total = walk.total ?? 0;
  const chosen = count(selection, total);
  const counts = data?.account.userCounts ?? null;
  const products = data?.account.products?.nodes ?? NONE;
  const onFilter = useStable(change);
  const actions = ACTIONS.filter(({ needs }) => (needs === "product" ? mayAssign && products.length > 0 : needs === "group" ? mayGroup : mayWrite));
  const close = () => {
    navigate(`/people${query}`);
    document.querySelector<HTMLElement>(".grid")?.focus();
  };

  const [adding, addingLabel] = viewer.account.view === "CURRENT" ? (["/invite", "nav.invite"] as const) : (["/add-people", "nav.add"] as const);

  return (
    <div className="people" data-open={openId !== null || undefined}>
      <div className="people-list">
        <div className="head">
          <div>
            <Title>{t("people.title")}</Title>
            {walk.total === null ? null : <p role="status">{isNarrowed(kept) ? t("people.matching", { count: total }) : t("people.count", { count: total })}</p>}
          </div>
          <div className="actions">
            <Menu
              label={t("people.columns")}
              entries={COLUMNS.map(({ name, label }) => ({ id: name, label: columns.includes(name) ? t("people.hideColumn", { column: t(label) }) : t("people.showColumn", { column: t(label) }) }))}
              onAction={(name) => setColumns(columns.includes(name as ColumnName) ? columns.filter((one) => one !== name) : [...columns, name as ColumnName])}
            >
              <AriaButton className="button button-small columns-button">{t("people.columns")}</AriaButton>
            </Menu>
            {mayWrite ? (
              <Link href={adding} className="button button-main button-small">
                <Icon name="invite" />
                {t(addingLabel)}
              </Link>
            ) : null}
          </div>
        </div>
        <Filters query={shown} onChange={onFilter} products={products} counts={counts} />
        {chosen > 0 ? (
          <div className="bulk" role="region" aria-label={t("bulk.label")}>
            <span role="status">{t("bulk.selected", { count: chosen })}</span>
            {selection.kind === "some" && chosen < total ? (
              <Button look="bare" isSmall onPress={() => setSelection(EVERYBODY)}>
                {t("bulk.selectAll", { count: total })}
              </Button>
            ) : null}
            <Button look="bare" isSmall onPress={() => setSelection(NOBODY)}>
              {t("bulk.clear")}
            </Button>
            <span className="bulk-actions">
              {actions.map((one) => (
                <Button key={one.name} isSmall look={one.isHarm ? "harm" : "plain"} onPress={() => setAction(one)}>
                  {t(one.label)}
                </Button>
              ))}
            </span>
          </div>
        ) : null}
        <WalkStates
          walk={walk}
          empty={
            isNarrowed(kept) ? (
              <Empty title={t("people.noneMatch")} action={<Button onPress={() => change({ ...NO_QUERY })}>{t("people.clearFilters")}</Button>}>
                {t("people.noneMatchAdvice")}
              </Empty>
            ) : (
              <Empty title={t("people.none")} action={<Link href={adding}>{t(addingLabel)}</Link>}>
                {t("people.noneAdvice")}
              </Empty>
            )
          }
        >
          <PeopleTable
            walk={walk}
            columns={columns}
            selection={selection}
            onSelect={setSelection}
            order={kept.order}
            isDescending={kept.isDescending}
            onOrder={(order) => change({ ...kept, order, isDescending: kept.order === order && !kept.isDescending })}
            openId={openId}
            query={query}
            onOpen={(id) => navigate(`/people/${id}${query}`)}
          />
        </WalkStates>
      </div>
      {openId ? <PersonPanel key={openId} id={openId} onClose={close} onRemoved={walk.again} /> : null}
      {action ? (
        <BulkDialog
          action={action}
          selection={selection}
          matching={total}
          filter={filter}
          orderBy={orderBy}
          products={products}
          onJob={(id) => {
            setAction(null);
            setSelection(NOBODY);
            setJobId(id);
          }}
          onClose={(hasDone) => {
            setAction(null);
            if (!hasDone) return;
            setSelection(NOBODY);
            walk.again();
          }}
        />
      ) : null}
      {jobId ? (
        <JobDialog
          id={jobId}
          onClose={() => {
            setJobId(null);
            walk.again();
          }}
        />
      ) : null}
    </div>
  );
}
