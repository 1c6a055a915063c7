import { useState, type SyntheticEvent } from "react";
import { useClient, useQuery } from "urql";
import { Link } from "wouter";
import { CreditReportDocument, UpdateCreditSettingsDocument, type CreditEntryKind, type CreditReportQuery, type CreditsFragment, type LedgerLineFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { useFurther } from "../api/further.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Choice, TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Badge, Empty, Failure, Skeleton, type Tone } from "../design/states.tsx";
import { formatDay, formatMoment } from "../language/format.ts";
import { currentLocale, useText, type Key } from "../language/language.ts";
import { oneOf, useAddress } from "../list/address.ts";
import { useMay } from "../session/viewer.ts";
import { filterOf, isDayAsked, percentsOf } from "./credits.ts";

const KINDS: CreditEntryKind[] = ["GRANT", "CONSUMPTION", "EXPIRY", "ADJUSTMENT"];
const TONES: Record<CreditEntryKind, Tone> = { GRANT: "good", CONSUMPTION: "quiet", EXPIRY: "wait", ADJUSTMENT: "accent" };

type Report = NonNullable<CreditReportQuery["account"]["cloudCredits"]>;

/** As exact as it is kept: four decimals. */
const format = (amount: string) => new Intl.NumberFormat(currentLocale(), { maximumFractionDigits: 4 }).format(Number(amount));

/** What may be spent in the cloud, what it went to, and when one hears of it. */
export function CreditsPart() {
  const t = useText();
  const mayWrite = useMay("ACCOUNT_WRITE");
  const { params, change } = useAddress();
  const kind = oneOf(params.get("kind"), KINDS);
  const [from, to] = [params.get("from") ?? "", params.get("to") ?? ""];
  const filter = filterOf(kind, from, to);
  const [{ data, error, fetching }, again] = useQuery({ query: CreditReportDocument, variables: { after: null, filter }, requestPolicy: "cache-and-network" });
  const credits = data?.account.cloudCredits;
  if (!data) return error ? <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} /> : fetching ? <Skeleton lines={8} /> : null;
  if (!credits) return <Empty title={t("credits.none")}>{t("credits.noneAdvice")}</Empty>;
  return (
    <>
      <Balance credits={credits} />
      {mayWrite ? <Notices key={credits.noticePercents.join()} credits={credits} /> : null}
      <div className="report-ledger">
        <h2>{t("credits.ledger")}</h2>
        <div className="bar bar-days">
          <Choice
            label={t("credits.kind")}
            value={kind || "any"}
            onChange={(value) => change({ kind: value === "any" ? "" : value })}
            options={[{ value: "any", label: t("credits.anyKind") }, ...KINDS.map((one) => ({ value: one, label: t(`credits.kind.${one}`) }))]}
          />
          <TextInput type="date" label={t("reports.from")} value={from} onChange={(day) => change({ from: isDayAsked(day) ? day : "" })} max={to} />
          <TextInput type="date" label={t("reports.to")} value={to} onChange={(day) => change({ to: isDayAsked(day) ? day : "" })} min={from} />
          <p role="status">{t("credits.entries", { count: credits.ledger.totalCount })}</p>
        </div>
        {credits.ledger.nodes.length > 0 ? <Ledger key={JSON.stringify(filter)} first={credits.ledger} filter={filter} /> : <Empty title={t("credits.noEntries")} />}
      </div>
    </>
  );
}

function Balance({ credits }: { credits: CreditsFragment }) {
  const t = useText();
  const { nextExpiry } = credits;
  const figures: [Key, string][] = [
    ["credits.balance", credits.balance],
    ["credits.granted", credits.granted],
    ["credits.consumed", credits.consumed],
    ["credits.expired", credits.expired],
    ["credits.adjusted", credits.adjusted],
  ];
  return (
    <section className="card report" aria-label={t("credits.balance")}>
      <dl className="report-figures">
        {figures.map(([label, amount]) => (
          <div key={label}>
            <dt>{t(label)}</dt>
            <dd>{format(amount)}</dd>
          </div>
        ))}
      </dl>
      <p className="note">
        {nextExpiry ? t("credits.nextExpiry", { amount: format(nextExpiry.amount), day: formatDay(nextExpiry.expiresOn) }) : t("credits.noExpiry")} {t(credits.overdraftAllowed ? "credits.overdraft" : "credits.noOverdraft")}
      </p>
    </section>
  );
}

/** At which percentages the administrators are told. */
function Notices({ credits }: { credits: CreditsFragment }) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt();
  const before = credits.noticePercents.join(", ");
  const [text, setText] = useState(before);
  const [isTried, setTried] = useState(false);
  const percents = percentsOf(text);
  const isChanged = text.trim() !== before;
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (percents === null || !isChanged) return;
    if (await attempt(UpdateCreditSettingsDocument, { input: { noticePercents: percents } }, (data) => data.updateCreditSettings)) notify(t("credits.noticesSaved"));
  };
  return (
    <section className="card report" aria-labelledby="notices">
      <h2 id="notices">{t("credits.notices")}</h2>
      <form className="form" onSubmit={(event) => void save(event)} noValidate>
        <TextInput label={t("credits.percents")} help={t("credits.percentsHelp")} value={text} onChange={setText} error={isTried && percents === null ? t("credits.percentsWrong") : undefined} />
        {problems}
        <div className="actions">
          <Button type="submit" isPending={isBusy} isDisabled={!isChanged}>
            {t("common.save")}
          </Button>
        </div>
      </form>
    </section>
  );
}

function Ledger({ first, filter }: { first: Report["ledger"]; filter: ReturnType<typeof filterOf> }) {
  const t = useText();
  const client = useClient();
  const { rows, hasMore, isBusy, more } = useFurther(first, async (after) => (await client.query(CreditReportDocument, { after, filter }).toPromise()).data?.account.cloudCredits?.ledger);
  return (
    <>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
      <div className="scroll-x card" tabIndex={0} role="region" aria-label={t("credits.ledger")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("credits.when")}</th>
              <th scope="col">{t("credits.kind")}</th>
              <th scope="col">{t("credits.amount")}</th>
              <th scope="col">{t("credits.after")}</th>
              <th scope="col">{t("credits.for")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((line) => (
              <tr key={line.id}>
                <td>{formatMoment(line.occurredAt)}</td>
                <td>
                  <Badge tone={TONES[line.kind]}>{t(`credits.kind.${line.kind}`)}</Badge>
                </td>
                <td className="report-number">{format(line.amount)}</td>
                <td className="report-number">{format(line.balanceAfter)}</td>
                <td>
                  <What line={line} />
                </td>
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
    </>
  );
}

/** Who used what and when, or what the entry goes by. */
function What({ line }: { line: LedgerLineFragment }) {
  const t = useText();
  const { user, product, usedOn, expiresOn, reference, note } = line;
  const rest = [usedOn ? t("credits.usedOn", { day: formatDay(usedOn) }) : null, expiresOn ? t("credits.expiresOn", { day: formatDay(expiresOn) }) : null, reference, note].filter((one) => one !== null && one !== undefined && one !== "");
  return (
    <>
      {user ? <Link href={`/people/${user.id}`}>{user.displayName}</Link> : null}
      {user && product ? " · " : null}
      {product ? <Link href={`/products/${product.id}`}>{product.name}</Link> : null}
      {rest.length > 0 ? <span className="note report-under">{rest.join(" · ")}</span> : null}
    </>
  );
}
