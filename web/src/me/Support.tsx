import { useState, type SyntheticEvent } from "react";
import { useQuery } from "urql";
import { ContactSupportDocument, SupportProductsDocument } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { CopyLine } from "../design/CopyLine.tsx";
import { Choice, TextArea, TextInput } from "../design/fields.tsx";
import { useText } from "../language/language.ts";
import { characters } from "../language/letters.ts";

const SUBJECT = 150;
const BODY = 5_000;
const NONE = "none";

/** Help from whoever runs this; what to quote is shown once the mail is on its way. */
export function Support() {
  const t = useText();
  // Without it, the question is about no product in particular.
  const [{ data }] = useQuery({ query: SupportProductsDocument });
  const { attempt, isBusy, problems } = useAttempt();
  const [subject, setSubject] = useState("");
  const [body, setBody] = useState("");
  const [productId, setProduct] = useState(NONE);
  const [isTried, setTried] = useState(false);
  const [reference, setReference] = useState<string | null>(null);
  const products = new Map((data?.viewer?.user.assignments?.nodes ?? []).map(({ product }) => [product.id, product.name]));
  const send = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (!subject.trim() || !body.trim()) return;
    const input = { subject: subject.trim(), body: body.trim(), productId: productId === NONE ? null : productId };
    const done = await attempt(ContactSupportDocument, { input }, (answer) => answer.contactSupport);
    if (!done) return;
    setTried(false);
    setSubject("");
    setBody("");
    setReference(done.reference ?? null);
  };
  if (reference !== null) {
    return (
      <section className="card me-part" aria-label={t("nav.support")}>
        <p className="notice notice-good" role="status">
          {t("me.supportSent")}
        </p>
        <CopyLine label={t("me.reference")} value={reference} />
        <Button onPress={() => setReference(null)} autoFocus>
          {t("me.supportAgain")}
        </Button>
      </section>
    );
  }
  return (
    <section className="card me-part" aria-label={t("nav.support")}>
      <form className="form" onSubmit={(event) => void send(event)} noValidate>
        <TextInput label={t("me.subject")} isRequired maxLength={SUBJECT} value={subject} onChange={setSubject} error={isTried && !subject.trim() ? t("me.subjectMissing") : undefined} />
        {products.size > 0 ? (
          <Choice label={t("me.supportProduct")} value={productId} onChange={setProduct} options={[{ value: NONE, label: t("me.noProduct") }, ...[...products].map(([value, label]) => ({ value, label }))]} />
        ) : null}
        <TextArea
          label={t("me.body")}
          help={t("me.left", { count: BODY - characters(body).length })}
          rows={8}
          isRequired
          maxLength={BODY}
          value={body}
          onChange={setBody}
          error={isTried && !body.trim() ? t("me.bodyMissing") : undefined}
        />
        {problems}
        <div className="actions">
          <Button look="main" type="submit" isPending={isBusy}>
            {t("me.sendSupport")}
          </Button>
        </div>
      </form>
    </section>
  );
}
