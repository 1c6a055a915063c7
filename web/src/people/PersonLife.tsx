import { useState } from "react";
import { DisablePeopleDocument, EnablePeopleDocument, EndSessionsDocument, RemovePeopleDocument } from "../api/generated/graphql.ts";
import { useChange, type Changed, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Confirm } from "../design/Dialog.tsx";
import { notify } from "../design/notices.tsx";
import { Refusals, TroubleLine } from "../design/states.tsx";
import { useText, type Key } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import { Section, type FullPerson } from "./Section.tsx";

type Step = "enable" | "disable" | "remove" | "end";

const WORDS: Record<Step, { label: Key; advice: Key; done: Key }> = {
  enable: { label: "bulk.enable", advice: "bulk.enableAdvice", done: "person.enabled" },
  disable: { label: "bulk.disable", advice: "bulk.disableAdvice", done: "person.disabled" },
  remove: { label: "bulk.remove", advice: "bulk.removeAdvice", done: "person.removed" },
  end: { label: "person.endSessions", advice: "person.endSessionsAdvice", done: "person.sessionsEnded" },
};

interface LifeProps {
  person: FullPerson;
  onChanged: () => void;
  onRemoved: () => void;
}

/** Whether somebody may come in at all. */
export function PersonLife({ person, onChanged, onRemoved }: LifeProps) {
  const t = useText();
  const change = useChange();
  const mayWrite = useMay("USERS_WRITE");
  const [step, setStep] = useState<Step | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const input = { userIds: [person.id] };
  const errorsOf = (payload: { results: readonly { userErrors: readonly Refusal[] }[]; userErrors: readonly Refusal[] } | null | undefined) => [
    ...(payload?.results.flatMap(({ userErrors }) => userErrors) ?? []),
    ...(payload?.userErrors ?? []),
  ];
  const read = <Data,>({ data, trouble: failed }: Changed<Data>, errors: (data: Data) => readonly Refusal[]) => ({ failed, errors: data ? errors(data) : [] });
  const steps: Record<Step, () => Promise<{ failed: Trouble | null; errors: readonly Refusal[] }>> = {
    enable: async () => read(await change(EnablePeopleDocument, { input }), (data) => errorsOf(data.enableUsers)),
    disable: async () => read(await change(DisablePeopleDocument, { input }), (data) => errorsOf(data.disableUsers)),
    remove: async () => read(await change(RemovePeopleDocument, { input }), (data) => errorsOf(data.removeUsers)),
    end: async () => read(await change(EndSessionsDocument, { input: { userId: person.id } }), (data) => data.revokeSessions?.userErrors ?? []),
  };
  const take = async () => {
    if (!step) return;
    setBusy(true);
    const { failed, errors } = await steps[step]();
    setBusy(false);
    setStep(null);
    setTrouble(failed);
    setRefusals(errors);
    if (failed || errors.length > 0) return;
    notify(t(WORDS[step].done, { name: person.displayName }));
    if (step === "remove") onRemoved();
    else onChanged();
  };
  if (!mayWrite) return null;
  const { canDisable, canRemove } = person.viewerActions;
  const isDisabled = person.status === "DISABLED";
  return (
    <Section title={t("person.life")}>
      <div className="actions">
        {person.status === "ACTIVE" ? (
          <Button isSmall onPress={() => setStep("end")}>
            {t("person.endSessions")}
          </Button>
        ) : null}
        {isDisabled ? (
          <Button isSmall onPress={() => setStep("enable")}>
            {t("bulk.enable")}
          </Button>
        ) : (
          <Button isSmall look="harm" isDisabled={!canDisable} onPress={() => setStep("disable")}>
            {t("bulk.disable")}
          </Button>
        )}
        <Button isSmall look="harm" isDisabled={!canRemove} onPress={() => setStep("remove")}>
          {t("bulk.remove")}
        </Button>
      </div>
      {(canDisable || isDisabled) && canRemove ? null : <p className="note">{t("person.lifeNotYours")}</p>}
      <TroubleLine trouble={trouble} />
      <Refusals errors={refusals} />
      <Confirm
        title={step ? `${t(WORDS[step].label)}: ${person.displayName}` : ""}
        isOpen={step !== null}
        isHarm={step !== "enable"}
        isBusy={isBusy}
        action={step ? t(WORDS[step].label) : ""}
        cancel={t("common.cancel")}
        onConfirm={() => void take()}
        onClose={() => setStep(null)}
      >
        <p>{step ? t(WORDS[step].advice) : ""}</p>
      </Confirm>
    </Section>
  );
}
