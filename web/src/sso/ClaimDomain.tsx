import { useState, type SyntheticEvent } from "react";
import { ClaimDomainDocument, type DomainFactsFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { TextInput } from "../design/fields.tsx";
import { useText } from "../language/language.ts";

/** A domain of one's own, named; what is to be published for it follows. */
export function ClaimDomain({ onClaimed }: { onClaimed?: (domain: DomainFactsFragment) => void }) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt();
  const [name, setName] = useState("");
  const claim = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (name.trim() === "") return;
    const done = await attempt(ClaimDomainDocument, { input: { name: name.trim() } }, (data) => data.claimDomain);
    if (!done?.domain) return;
    setName("");
    onClaimed?.(done.domain);
  };
  return (
    <form className="form sign-on-claim" onSubmit={(event) => void claim(event)} noValidate>
      <TextInput label={t("signOn.domain")} help={t("signOn.domainHelp")} value={name} onChange={setName} maxLength={253} autoComplete="off" />
      {problems}
      <div className="actions">
        <Button type="submit" isPending={isBusy} isDisabled={name.trim() === ""}>
          {t("signOn.claim")}
        </Button>
      </div>
    </form>
  );
}
