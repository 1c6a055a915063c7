import { useEffect, useState } from "react";
import { FileTrigger } from "react-aria-components";
import { useClient } from "urql";
import { useLocation } from "wouter";
import { CancelImportDocument } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Choice } from "../design/fields.tsx";
import { Refusals, TroubleLine } from "../design/states.tsx";
import { useText, type Key } from "../language/language.ts";
import { choose, fieldOf, headings, lacking, mappingOf, SAID, type Column, type KnownField } from "./columns.ts";
import type { FullImport } from "./ImportPage.tsx";
import { heldWish, planOf, tryOut } from "./start.ts";

const WORDS: Record<KnownField, Key> = {
  GIVEN_NAME: "person.givenName",
  FAMILY_NAME: "person.familyName",
  EMAIL: "people.email",
  ROLE: "people.column.role",
  PRODUCT: "people.column.products",
  EXTERNAL_ID: "person.externalId",
  GROUPS: "groups.title",
};
const IGNORED = "IGNORED";
/** What a file fails for when its headings are not understood. */
export const ABOUT_COLUMNS = ["MISSING_COLUMN", "DUPLICATE_COLUMN"];

/** How the columns were understood; whoever knows better says so, and the file is tried out again. */
export function ImportColumns({ one }: { one: FullImport }) {
  const t = useText();
  const client = useClient();
  const change = useChange();
  const [, navigate] = useLocation();
  const [file, setFile] = useState(() => heldWish(one.id)?.file);
  const [columns, setColumns] = useState<Column[]>(() => (one.preview?.columns ?? []).map(({ header, mappedTo }) => ({ header, field: fieldOf(mappedTo) })));
  const [isChanged, setChanged] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const isUnknown = columns.length === 0;
  // A file that was not understood tells nothing of its columns but by itself.
  useEffect(() => {
    if (!file || !isUnknown) return;
    void file.text().then((text) => setColumns(headings(text).map((header) => ({ header, field: "" }))));
  }, [file, isUnknown]);

  const again = async () => {
    if (!file) return;
    setBusy(true);
    const tried = await tryOut(client, { file, plan: planOf(one) }, () => undefined, mappingOf(columns));
    if ("importId" in tried) {
      if (one.isCancellable) await change(CancelImportDocument, { input: { importId: one.id } });
      navigate(`/imports/${tried.importId}`);
      return;
    }
    setBusy(false);
    setTrouble("trouble" in tried ? tried.trouble : null);
    setRefusals("refusals" in tried ? tried.refusals : []);
  };
  const missing = lacking(columns, one.kind);
  return (
    <section className="card import-part">
      <h2>{t("imports.columns")}</h2>
      {isUnknown ? null : (
        <div className="scroll-x">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t("imports.column")}</th>
                <th scope="col">{t("imports.meaning")}</th>
              </tr>
            </thead>
            <tbody>
              {columns.map((column, place) => (
                <tr key={place}>
                  <td>{column.header}</td>
                  <td>
                    <Choice
                      isLabelHidden
                      label={t("imports.meaningOf", { column: column.header || String(place + 1) })}
                      value={column.field || IGNORED}
                      onChange={(value) => {
                        setChanged(true);
                        setColumns(choose(columns, place, value === IGNORED ? "" : value));
                      }}
                      options={[{ value: IGNORED, label: t("imports.ignored") }, ...SAID[one.kind].map((field) => ({ value: field, label: t(WORDS[field]) }))]}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <TroubleLine trouble={trouble} />
      <Refusals errors={refusals} />
      {!file && (isChanged || isUnknown) ? (
        <div className="actions">
          <FileTrigger acceptedFileTypes={[".csv", ".txt", ".tsv", "text/csv"]} onSelect={(files) => setFile(files?.[0])}>
            <Button isSmall>{t("imports.chooseAgain")}</Button>
          </FileTrigger>
          <span className="note">{t("imports.chooseAgainHelp")}</span>
        </div>
      ) : null}
      {file && isChanged ? (
        <div className="actions">
          <Button isSmall look="main" isPending={isBusy} isDisabled={missing.length > 0} onPress={() => void again()}>
            {t("imports.checkAgain")}
          </Button>
          {missing.length > 0 ? <span className="note">{t("imports.lacking", { what: missing.map((field) => t(WORDS[field])).join(", ") })}</span> : null}
        </div>
      ) : null}
    </section>
  );
}
