import { useEffect, useRef, useState } from "react";
import { useClient, useQuery } from "urql";
import { Link, useLocation, useRoute } from "wouter";
import { PersonDocument, RolesDocument, type RolesQuery } from "../api/generated/graphql.ts";
import { useFurther } from "../api/further.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Panel } from "../design/Panel.tsx";
import { Badge, Empty, Failure, Skeleton, Title } from "../design/states.tsx";
import { formatAgo } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { PersonFinder } from "../people/PersonFinder.tsx";
import { PersonRole } from "../people/PersonRole.tsx";
import { useMay } from "../session/viewer.ts";
import { HandOver } from "./HandOver.tsx";
import { RoleMatrix } from "./RoleMatrix.tsx";
import "./roles.css";

type Account = RolesQuery["account"];
export type Administrator = NonNullable<Account["administrators"]>["nodes"][number];

export function RolesScreen() {
  const t = useText();
  const [, route] = useRoute("/roles/:id");
  const [, navigate] = useLocation();
  const [{ data, error, fetching }, again] = useQuery({ query: RolesDocument, variables: { after: null }, requestPolicy: "cache-and-network" });
  const retry = () => again({ requestPolicy: "network-only" });
  return (
    <div className="roles">
      <div className="head">
        <div>
          <Title>{t("roles.title")}</Title>
          <p>{t("roles.advice")}</p>
        </div>
      </div>
      {data ? (
        <>
          <Administrators account={data.account} onChanged={retry} />
          <RoleMatrix roles={data.account.roles} />
        </>
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={retry} />
      ) : fetching ? (
        <Skeleton lines={8} />
      ) : null}
      {route ? <RolePanel key={route.id} id={route.id} onClose={() => navigate("/roles")} onChanged={retry} /> : null}
    </div>
  );
}

function Administrators({ account, onChanged }: { account: Account; onChanged: () => void }) {
  const t = useText();
  const client = useClient();
  const [, navigate] = useLocation();
  const mayGive = useMay("ROLES_WRITE");
  const mayHandOver = useMay("PRIMARY_ADMIN_TRANSFER");
  const [isHandingOver, setHandingOver] = useState(false);
  const { rows, hasMore, isBusy, more } = useFurther(account.administrators, async (after) => (await client.query(RolesDocument, { after }).toPromise()).data?.account.administrators);
  return (
    <section className="card roles-part">
      <div className="roles-head">
        <h2>{t("roles.administrators")}</h2>
        {mayHandOver && account.view === "CURRENT" ? (
          <Button isSmall onPress={() => setHandingOver(true)}>
            {t("roles.handOver")}
          </Button>
        ) : null}
      </div>
      {mayGive ? <PersonFinder label={t("roles.find")} onPick={({ id }) => navigate(`/roles/${id}`)} /> : null}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
      <div className="roles-list" tabIndex={0} role="region" aria-label={t("roles.administrators")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("people.column.person")}</th>
              <th scope="col">{t("people.column.role")}</th>
              <th scope="col">{t("people.column.status")}</th>
              <th scope="col">{t("people.column.used")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one) => (
              <tr key={one.id}>
                <td>
                  <Link href={`/roles/${one.id}`}>{one.displayName}</Link>
                  <span className="note roles-email">{one.email}</span>
                </td>
                <td>
                  <Badge tone="accent">{t(`role.${one.role}`)}</Badge>
                </td>
                <td>{t(`status.${one.status}`)}</td>
                <td>{one.lastSignedInAt ? formatAgo(one.lastSignedInAt) : t("people.never")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hasMore ? (
        <Button isSmall isPending={isBusy} onPress={more}>
          {t("common.more")}
        </Button>
      ) : null}
      {isHandingOver ? (
        <HandOver
          account={account}
          administrators={rows}
          onClose={(isDone) => {
            setHandingOver(false);
            if (isDone) onChanged();
          }}
        />
      ) : null}
    </section>
  );
}

/** The role of one person, as their own panel has it. */
function RolePanel({ id, onClose, onChanged }: { id: string; onClose: () => void; onChanged: () => void }) {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: PersonDocument, variables: { id, withHistory: false }, requestPolicy: "cache-and-network" });
  const person = data?.user;
  const role = person?.role ?? null;
  const before = useRef(role);
  // Who has which role is counted anew once somebody has another.
  useEffect(() => {
    if (before.current !== null && role !== before.current) onChanged();
    before.current = role;
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once a change
  }, [role]);
  return (
    <Panel title={person?.displayName ?? null} note={person?.email} kind={t("person.title")} isOver onClose={onClose}>
      {person ? (
        <>
          <PersonRole person={person} roles={data.account.roles} />
          <section>
            <Link href={`/people/${id}`}>{t("roles.toPerson")}</Link>
          </section>
        </>
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />
      ) : fetching ? (
        <section>
          <Skeleton lines={4} />
        </section>
      ) : (
        <Empty title={t("person.absent")}>{t("person.absentAdvice")}</Empty>
      )}
    </Panel>
  );
}
