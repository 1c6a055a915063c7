import { Suspense, useState, type SyntheticEvent } from "react";
import { useQuery } from "urql";
import { PersonDocument, UpdatePersonDocument } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import { troubleOf, type Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Panel } from "../design/Panel.tsx";
import { Empty, Failure, Refusals, Skeleton, TroubleLine } from "../design/states.tsx";
import { formatAgo, formatDay } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import { StatusBadge } from "./badges.tsx";
import { PersonHistory } from "./PersonHistory.tsx";
import { PersonGroups } from "./PersonGroups.tsx";
import { PersonInvitation } from "./PersonInvitation.tsx";
import { PersonLife } from "./PersonLife.tsx";
import { PersonRole } from "./PersonRole.tsx";
import { PersonSeats } from "./PersonSeats.tsx";
import { laterIn } from "../shell/later.ts";
import { Section, type FullPerson } from "./Section.tsx";

const PersonSessions = laterIn("books", () => import("./PersonSessions.tsx").then(({ PersonSessions }) => PersonSessions));

interface PanelProps {
  id: string;
  onClose: () => void;
  onRemoved: () => void;
}

export function PersonPanel({ id, onClose, onRemoved }: PanelProps) {
  const t = useText();
  const withHistory = useMay("AUDIT_READ");
  const [{ data, error, fetching }, again] = useQuery({ query: PersonDocument, variables: { id, withHistory }, requestPolicy: "cache-and-network" });
  const person = data?.user;
  const retry = () => again({ requestPolicy: "network-only" });
  return (
    <Panel title={person?.displayName ?? null} note={person?.email} kind={t("person.title")} onClose={onClose}>
      {person ? (
        <>
          <Profile person={person} />
          <PersonRole person={person} roles={data.account.roles} />
          <PersonSeats person={person} onChanged={retry} />
          <PersonGroups person={person} onChanged={retry} />
          <PersonInvitation person={person} onChanged={retry} />
          <PersonLife
            person={person}
            onChanged={retry}
            onRemoved={() => {
              onClose();
              onRemoved();
            }}
          />
          <Suspense>
            <PersonSessions person={person} onChanged={retry} />
          </Suspense>
          <PersonHistory id={id} events={data.account.history?.nodes ?? []} />
        </>
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={retry} />
      ) : fetching ? (
        <section>
          <Skeleton lines={6} />
        </section>
      ) : (
        <Empty title={t("person.absent")}>{t("person.absentAdvice")}</Empty>
      )}
    </Panel>
  );
}

function Profile({ person }: { person: FullPerson }) {
  const t = useText();
  const change = useChange();
  const [isEdited, setEdited] = useState(false);
  const [given, setGiven] = useState(person.givenName ?? "");
  const [family, setFamily] = useState(person.familyName ?? "");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const edit = () => {
    setGiven(person.givenName ?? "");
    setFamily(person.familyName ?? "");
    setTrouble(null);
    setRefusals([]);
    setEdited(true);
  };
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    const input = { userId: person.id, expectedVersion: person.version, givenName: given.trim() || null, familyName: family.trim() || null };
    const { data, trouble: failed } = await change(UpdatePersonDocument, { input });
    setBusy(false);
    setTrouble(failed);
    const errors = data?.updateUser?.userErrors ?? [];
    setRefusals(errors);
    if (failed || errors.length > 0) return;
    setEdited(false);
    notify(t("person.saved"));
  };
  const { canEdit } = person.viewerActions;
  if (isEdited) {
    return (
      <Section title={t("person.profile")}>
        <form className="form" onSubmit={(event) => void save(event)}>
          <TextInput label={t("person.givenName")} value={given} onChange={setGiven} maxLength={60} autoFocus />
          <TextInput label={t("person.familyName")} value={family} onChange={setFamily} maxLength={60} />
          <TroubleLine trouble={trouble} />
          <Refusals errors={refusals} />
          <div className="dialog-actions">
            <Button isSmall onPress={() => setEdited(false)}>
              {t("common.cancel")}
            </Button>
            <Button look="main" isSmall type="submit" isPending={isBusy}>
              {t("common.save")}
            </Button>
          </div>
        </form>
      </Section>
    );
  }
  return (
    <Section
      title={t("person.profile")}
      action={
        canEdit ? (
          <Button look="bare" isSmall onPress={edit}>
            {t("common.edit")}
          </Button>
        ) : null
      }
    >
      <dl className="facts">
        <dt>{t("people.column.status")}</dt>
        <dd>
          <StatusBadge person={person} />
        </dd>
        <dt>{t("people.column.used")}</dt>
        <dd>{person.lastSignedInAt ? formatAgo(person.lastSignedInAt) : t("people.never")}</dd>
        <dt>{t("people.column.added")}</dt>
        <dd>
          {formatDay(person.createdAt)} · {t(`origin.${person.origin}`)}
        </dd>
        {person.externalId ? (
          <>
            <dt>{t("person.externalId")}</dt>
            <dd>{person.externalId}</dd>
          </>
        ) : null}
      </dl>
      {canEdit ? null : <p className="note">{person.isManagedByIdp ? t("person.managedByProvider") : t("person.noEdit")}</p>}
    </Section>
  );
}
