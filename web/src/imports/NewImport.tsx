import { useState } from "react";
import { DropZone, FileTrigger, type FileDropItem } from "react-aria-components";
import { useClient, useQuery } from "urql";
import { Link, useLocation } from "wouter";
import { ImportsDocument } from "../api/generated/graphql.ts";
import type { Refusal } from "../api/change.ts";
import { troubleOf, type Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { TextArea } from "../design/fields.tsx";
import { Icon } from "../design/icons.tsx";
import { Badge, Empty, Failure, Refusals, Skeleton, Title, TroubleLine } from "../design/states.tsx";
import { formatBytes, formatMoment, formatNumber } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { stageOf, STAGE_TONES } from "./phases.ts";
import { PlanForm } from "./PlanForm.tsx";
import { OF_PEOPLE, tryOut, type Plan } from "./start.ts";
import { asFile } from "./upload.ts";

export function NewImport() {
  const t = useText();
  return (
    <>
      <div className="head">
        <div>
          <Title>{t("imports.title")}</Title>
          <p>{t("imports.advice")}</p>
        </div>
      </div>
      <Drop />
      <Former />
    </>
  );
}

function Drop() {
  const t = useText();
  const client = useClient();
  const [, navigate] = useLocation();
  const [sending, setSending] = useState<{ name: string; size: number; share: number } | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isPasting, setPasting] = useState(false);
  const [pasted, setPasted] = useState("");
  const [plan, setPlan] = useState<Plan>(OF_PEOPLE);
  // Whoever is given something is given it out of something.
  const isWhole = plan.kind === "USERS" || (plan.sources?.length ?? 0) > 0;

  const take = async (file: File | undefined) => {
    if (!file || sending) return;
    if (!isWhole) return setRefusals([{ code: "", message: t("imports.chooseProducts") }]);
    setTrouble(null);
    setRefusals([]);
    setSending({ name: file.name, size: file.size, share: 0 });
    const tried = await tryOut(client, { file, plan }, (share) => setSending({ name: file.name, size: file.size, share }));
    if ("importId" in tried) navigate(`/imports/${tried.importId}`);
    else if ("trouble" in tried) setTrouble(tried.trouble);
    else setRefusals(tried.refusals);
    setSending(null);
  };
  const onDrop = async (items: readonly { kind: string }[]) => {
    const dropped = items.find((item): item is FileDropItem => item.kind === "file");
    await take(await dropped?.getFile());
  };

  return (
    <section className="card drop-card" aria-label={t("imports.new")}>
      {sending ? null : <PlanForm plan={plan} onChange={setPlan} />}
      {sending ? (
        <div className="drop drop-busy">
          <p>
            <strong>{sending.name}</strong> <span className="note">{formatBytes(sending.size)}</span>
          </p>
          <progress className="progress" max={1} value={sending.share} aria-label={t("imports.uploading")} />
          <p role="status">{t("imports.uploading")}</p>
        </div>
      ) : (
        <DropZone className="drop" aria-label={t("imports.drop")} onDrop={(event) => void onDrop(event.items)}>
          <Icon name="imports" />
          <p>{t("imports.drop")}</p>
          <div className="actions">
            <FileTrigger acceptedFileTypes={[".csv", ".txt", ".tsv", "text/csv"]} onSelect={(files) => void take(files?.[0])}>
              <Button look="main">{t("imports.choose")}</Button>
            </FileTrigger>
            <Button onPress={() => setPasting(!isPasting)} aria-expanded={isPasting}>
              {t("imports.paste")}
            </Button>
          </div>
          <p className="note">{t(`imports.limits.${plan.kind}`)}</p>
        </DropZone>
      )}
      {isPasting && !sending ? (
        <div className="form">
          <TextArea label={t("imports.pasteLabel")} help={t("imports.pasteHelp")} rows={8} value={pasted} onChange={setPasted} />
          <div className="actions">
            <Button look="main" isDisabled={!pasted.trim()} onPress={() => void take(asFile(pasted))}>
              {t("imports.check")}
            </Button>
          </div>
        </div>
      ) : null}
      <TroubleLine trouble={trouble} />
      <Refusals errors={refusals} />
    </section>
  );
}

const PAGE = 25;

function Former() {
  const t = useText();
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  return (
    <section className="former">
      <h2>{t("imports.former")}</h2>
      <div className="card scroll-x">
        {cursors.map((after, place) => (
          <FormerPage key={after ?? ""} after={after} isFirst={place === 0} onMore={place === cursors.length - 1 ? (next) => setCursors([...cursors, next]) : null} />
        ))}
      </div>
    </section>
  );
}

function FormerPage({ after, isFirst, onMore }: { after: string | null; isFirst: boolean; onMore: ((next: string | null) => void) | null }) {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: ImportsDocument, variables: { first: PAGE, after }, requestPolicy: "cache-and-network" });
  const page = data?.account.imports;
  if (!page) {
    if (error) return <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />;
    return fetching ? <Skeleton lines={3} /> : null;
  }
  if (isFirst && page.nodes.length === 0) return <Empty title={t("imports.none")}>{t("imports.noneAdvice")}</Empty>;
  return (
    <>
      <table className="table">
        <thead className={isFirst ? undefined : "unseen"}>
          <tr>
            <th scope="col">{t("imports.file")}</th>
            <th scope="col">{t("people.column.status")}</th>
            <th scope="col" className="number">
              {t("imports.rows")}
            </th>
            <th scope="col">{t("imports.by")}</th>
            <th scope="col">{t("imports.when")}</th>
          </tr>
        </thead>
        <tbody>
          {page.nodes.map((one) => {
            const stage = stageOf(one);
            return (
              <tr key={one.id}>
                <td>
                  <Link href={`/imports/${one.id}`}>{one.filename}</Link>
                </td>
                <td>
                  <Badge tone={STAGE_TONES[stage]}>{t(`imports.stage.${stage}`)}</Badge>
                </td>
                <td className="number">{one.progress.total === null ? "–" : formatNumber(one.progress.total ?? 0)}</td>
                <td>{one.createdBy?.displayName ?? "–"}</td>
                <td className="soft">{formatMoment(one.createdAt)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {onMore && page.pageInfo.hasNextPage ? (
        <div className="more">
          <Button isSmall onPress={() => onMore(page.pageInfo.endCursor ?? null)}>
            {t("common.more")}
          </Button>
        </div>
      ) : null}
    </>
  );
}
