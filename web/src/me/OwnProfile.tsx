import { useEffect, useState, type SyntheticEvent } from "react";
import { useClient, useQuery } from "urql";
import { OwnProfileDocument, RequestEmailChangeDocument, UpdateOwnProfileDocument, type OwnProfileFragment, type OwnProfileQuery } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Choice, TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Failure, Skeleton } from "../design/states.tsx";
import { isAddress } from "../invite/understand.ts";
import { formatMoment } from "../language/format.ts";
import { LANGUAGE_NAMES, LANGUAGES, useText } from "../language/language.ts";
import { useViewer } from "../session/viewer.ts";

/** Names, language and address of whoever looks. */
export function OwnProfile() {
  const client = useClient();
  const [{ data, error, fetching }, again] = useQuery({ query: OwnProfileDocument, requestPolicy: "cache-and-network" });
  const viewer = data?.viewer;
  const reread = () => void client.query(OwnProfileDocument, {}, { requestPolicy: "network-only" }).toPromise();
  if (viewer) {
    return (
      <>
        <Profile user={viewer.user} onStale={reread} />
        <Address user={viewer.user} asked={viewer.emailChange} onAsked={reread} />
      </>
    );
  }
  if (error) return <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />;
  return fetching ? <Skeleton lines={6} /> : null;
}

const NONE = "none";
const typedOf = ({ givenName, familyName, locale }: OwnProfileFragment) => ({ givenName: givenName ?? "", familyName: familyName ?? "", locale: locale ?? "" });

function Profile({ user, onStale }: { user: OwnProfileFragment; onStale: () => void }) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt(onStale);
  const [typed, setTyped] = useState(() => typedOf(user));
  // What was read anew stands in the fields.
  // eslint-disable-next-line react-hooks/exhaustive-deps -- once a version
  useEffect(() => setTyped(typedOf(user)), [user.version]);
  const present = typedOf(user);
  const names = ["givenName", "familyName", "locale"] as const;
  const changed = names.filter((name) => typed[name].trim() !== present[name]);
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (changed.length === 0) return;
    const input = { expectedVersion: user.version, ...Object.fromEntries(changed.map((name) => [name, typed[name].trim()])) };
    if (await attempt(UpdateOwnProfileDocument, { input }, (data) => data.updateViewerProfile)) notify(t("person.saved"));
  };
  const known: string[] = [...LANGUAGES];
  const others = present.locale && !known.includes(present.locale) ? [{ value: present.locale, label: present.locale }] : [];
  return (
    <section className="card me-part" aria-label={t("me.profile")}>
      <h2>{t("person.profile")}</h2>
      <form className="form" onSubmit={(event) => void save(event)} noValidate>
        {user.isManagedByIdp ? <p className="note">{t("me.managed")}</p> : null}
        <TextInput label={t("person.givenName")} autoComplete="given-name" maxLength={60} isDisabled={user.isManagedByIdp} value={typed.givenName} onChange={(givenName) => setTyped({ ...typed, givenName })} />
        <TextInput label={t("person.familyName")} autoComplete="family-name" maxLength={60} isDisabled={user.isManagedByIdp} value={typed.familyName} onChange={(familyName) => setTyped({ ...typed, familyName })} />
        <Choice
          label={t("me.language")}
          help={t("me.languageHelp")}
          value={typed.locale || NONE}
          onChange={(locale) => setTyped({ ...typed, locale: locale === NONE ? "" : locale })}
          options={[{ value: NONE, label: t("me.languageNone") }, ...LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] })), ...others]}
        />
        {problems}
        <div className="actions">
          <Button look="main" type="submit" isPending={isBusy} isDisabled={changed.length === 0}>
            {t("common.save")}
          </Button>
        </div>
      </form>
    </section>
  );
}

interface AddressProps {
  user: OwnProfileFragment;
  asked: NonNullable<OwnProfileQuery["viewer"]>["emailChange"];
  onAsked: () => void;
}

/** The address is another one once the link that is sent to it came back. */
function Address({ user, asked, onAsked }: AddressProps) {
  const t = useText();
  const { session } = useViewer();
  const { attempt, isBusy, problems } = useAttempt();
  const [email, setEmail] = useState("");
  const [isTried, setTried] = useState(false);
  const isKept = user.isManagedByIdp || session.authMethod === "OIDC";
  const address = email.trim();
  const ask = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (!isAddress(address)) return;
    const done = await attempt(RequestEmailChangeDocument, { input: { email: address } }, (data) => data.requestEmailChange);
    if (!done) return;
    setTried(false);
    setEmail("");
    notify(t("me.linkSent", { email: address }));
    onAsked();
  };
  return (
    <section className="card me-part" aria-label={t("people.email")}>
      <h2>{t("people.email")}</h2>
      <p>{t("me.present", { email: user.email })}</p>
      {asked ? <p className="notice notice-wait">{t("me.linkOut", { email: asked.email, moment: formatMoment(asked.expiresAt) })}</p> : null}
      {isKept ? (
        <p className="note">{t("me.addressManaged")}</p>
      ) : (
        <form className="form" onSubmit={(event) => void ask(event)} noValidate>
          <TextInput label={t("me.newAddress")} help={t("me.newAddressHelp")} type="email" autoComplete="email" maxLength={254} value={email} onChange={setEmail} error={isTried && !isAddress(address) ? t("invite.emailWrong") : undefined} />
          {problems}
          <div className="actions">
            <Button type="submit" isPending={isBusy}>
              {t("me.sendLink")}
            </Button>
          </div>
        </form>
      )}
    </section>
  );
}
