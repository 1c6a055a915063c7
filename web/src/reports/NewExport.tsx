import { useState } from "react";
import { StartExportDocument, type ExportColumnSet, type ExportDelimiter, type ExportFormat, type ExportKind, type StartExportInput, type UserStatus } from "../api/generated/graphql.ts";
import { idempotencyKey, useChange, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Check, Choice, Choices, Radios, TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Refusals, TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { searchWords, STATUSES } from "../people/query.ts";
import { useMay } from "../session/viewer.ts";

const SETS: ExportColumnSet[] = ["PRODUCTS", "SUBSCRIPTIONS", "SUBSCRIPTION_ROWS"];
const DELIMITERS: ExportDelimiter[] = ["COMMA", "SEMICOLON", "TAB"];

/** What stands in the file, of whom or when, and how it is written. */
export function NewExport() {
  const t = useText();
  const change = useChange();
  const maySeeLog = useMay("AUDIT_READ");
  const [kind, setKind] = useState<ExportKind>("USERS");
  const [sets, setSets] = useState<ExportColumnSet[]>([]);
  const [search, setSearch] = useState("");
  const [statuses, setStatuses] = useState<UserStatus[]>([]);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [format, setFormat] = useState<ExportFormat>("CSV");
  const [delimiter, setDelimiter] = useState<ExportDelimiter>("COMMA");
  const [hasMark, setMark] = useState(true);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    const words = searchWords(search);
    const input: StartExportInput = {
      kind,
      format,
      idempotencyKey: idempotencyKey(),
      ...(format === "CSV" ? { delimiter, hasByteOrderMark: hasMark } : {}),
      ...(kind === "USERS" ? { columnSets: sets } : {}),
      ...(kind !== "AUDIT_EVENTS" && (words ?? statuses.length > 0) ? { userFilter: { ...(words ? { search: words } : {}), ...(statuses.length > 0 ? { status: statuses } : {}) } } : {}),
      // The day begins and ends where whoever asks is.
      ...(kind === "AUDIT_EVENTS" && (from || to) ? { period: { from: from ? new Date(`${from}T00:00:00`).toISOString() : null, to: to ? new Date(`${to}T23:59:59.999`).toISOString() : null } } : {}),
    };
    const { data, trouble: failed } = await change(StartExportDocument, { input });
    setBusy(false);
    setTrouble(failed);
    const errors = data?.startExport?.userErrors ?? [];
    setRefusals(errors);
    if (!failed && errors.length === 0) notify(t("exports.started"));
  };
  return (
    <section className="card report" aria-label={t("exports.new")}>
      <h2>{t("exports.new")}</h2>
      <div className="export-form">
        <Radios
          label={t("exports.kind")}
          value={kind}
          onChange={setKind}
          options={[
            { value: "USERS", label: t("exports.kind.USERS"), note: t("exports.kindHelp.USERS") },
            { value: "ASSIGNMENTS", label: t("exports.kind.ASSIGNMENTS"), note: t("exports.kindHelp.ASSIGNMENTS") },
            ...(maySeeLog ? [{ value: "AUDIT_EVENTS" as const, label: t("exports.kind.AUDIT_EVENTS"), note: t("exports.kindHelp.AUDIT_EVENTS") }] : []),
          ]}
        />
        <div className="form">
          {kind === "USERS" ? <Choices label={t("exports.columns")} options={SETS.map((value) => ({ value, label: t(`exports.set.${value}`) }))} value={sets} onChange={setSets} /> : null}
          {kind === "AUDIT_EVENTS" ? (
            <div className="bar-days bar">
              <TextInput type="date" label={t("reports.from")} value={from} onChange={setFrom} />
              <TextInput type="date" label={t("reports.to")} value={to} onChange={setTo} />
            </div>
          ) : (
            <>
              <TextInput label={t("exports.onlyMatching")} help={t("exports.onlyMatchingHelp")} value={search} onChange={setSearch} maxLength={200} />
              <Choices label={t("exports.onlyStatus")} options={STATUSES.map((value) => ({ value, label: t(`status.${value}`) }))} value={statuses} onChange={setStatuses} />
            </>
          )}
        </div>
        <div className="form">
          <Radios
            isInRow
            label={t("exports.format")}
            value={format}
            onChange={setFormat}
            options={[
              { value: "CSV", label: t("exports.csv") },
              { value: "NDJSON", label: t("exports.ndjson") },
            ]}
          />
          {format === "CSV" ? (
            <>
              <Choice label={t("exports.delimiter")} help={t("exports.delimiterHelp")} value={delimiter} onChange={setDelimiter} options={DELIMITERS.map((value) => ({ value, label: t(`exports.delimiter.${value}`) }))} />
              <Check isSelected={hasMark} onChange={setMark}>
                <span>{t("exports.mark")}</span>
                <span className="note">{t("exports.markHelp")}</span>
              </Check>
            </>
          ) : null}
        </div>
      </div>
      <TroubleLine trouble={trouble} />
      <Refusals errors={refusals} />
      <div className="actions">
        <Button look="main" isPending={isBusy} onPress={() => void start()}>
          {t("exports.start")}
        </Button>
        <span className="note">{t("exports.kept")}</span>
      </div>
    </section>
  );
}
