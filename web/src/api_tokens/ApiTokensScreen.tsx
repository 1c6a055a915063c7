import { useState } from "react";
import { useClient, useQuery } from "urql";
import { ApiTokensDocument, RevokeApiTokenDocument, type ApiTokenRowFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { useFurther } from "../api/further.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Confirm } from "../design/Dialog.tsx";
import { notify } from "../design/notices.tsx";
import { Badge, Empty, Failure, Skeleton, Title, type Tone } from "../design/states.tsx";
import { formatAgo, formatDay, formatList } from "../language/format.ts";
import { nameOf, useText } from "../language/language.ts";
import { NewToken } from "./NewToken.tsx";
import { stateOf, type TokenState } from "./terms.ts";
import "./api_tokens.css";

const TONES: Record<TokenState, Tone> = { good: "good", expired: "quiet", revoked: "quiet", orphaned: "bad" };

export function ApiTokensScreen() {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: ApiTokensDocument, variables: { after: null }, requestPolicy: "cache-and-network" });
  const [isMaking, setMaking] = useState(false);
  const tokens = data?.account.apiTokens;
  const make = (
    <Button look="main" onPress={() => setMaking(true)}>
      {t("tokens.new")}
    </Button>
  );
  return (
    <div className="tokens">
      <div className="head">
        <div>
          <Title>{t("tokens.title")}</Title>
          <p>{t("tokens.advice")}</p>
        </div>
        {tokens && tokens.nodes.length > 0 ? make : null}
      </div>
      {tokens ? (
        tokens.nodes.length > 0 ? (
          <TokenTable first={tokens} />
        ) : (
          <Empty title={t("tokens.none")} action={make}>
            {t("tokens.noneAdvice")}
          </Empty>
        )
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />
      ) : fetching ? (
        <Skeleton lines={6} />
      ) : null}
      {isMaking ? <NewToken onClose={() => setMaking(false)} /> : null}
    </div>
  );
}

type Tokens = { nodes: readonly ApiTokenRowFragment[]; pageInfo: { hasNextPage: boolean; endCursor?: string | null } };

function TokenTable({ first }: { first: Tokens }) {
  const t = useText();
  const client = useClient();
  const { rows, hasMore, isBusy, more } = useFurther(first, async (after) => (await client.query(ApiTokensDocument, { after }).toPromise()).data?.account.apiTokens);
  const [ending, setEnding] = useState<ApiTokenRowFragment | null>(null);
  return (
    <>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
      <div className="scroll-x card" tabIndex={0} role="region" aria-label={t("tokens.title")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("tokens.name")}</th>
              <th scope="col">{t("people.column.status")}</th>
              <th scope="col">{t("tokens.scopes")}</th>
              <th scope="col">{t("tokens.by")}</th>
              <th scope="col">{t("tokens.used")}</th>
              <th scope="col">
                <span className="unseen">{t("tokens.revoke")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((token) => {
              const state = stateOf(token);
              return (
                <tr key={token.id}>
                  <td>
                    <strong>{token.name}</strong>
                    <code className="note token-hint">{token.hint}…</code>
                  </td>
                  <td>
                    <Badge tone={TONES[state]}>{t(`tokens.state.${state}`)}</Badge>
                    <span className="note token-hint">{t("tokens.until", { day: formatDay(token.expiresAt) })}</span>
                  </td>
                  <td>{formatList(token.scopes.map((scope) => nameOf("scope", scope)))}</td>
                  <td>
                    {token.createdBy?.displayName ?? t("tokens.nobody")}
                    <span className="note token-hint">{formatDay(token.createdAt)}</span>
                  </td>
                  <td>{token.lastUsedAt ? formatAgo(token.lastUsedAt) : t("people.never")}</td>
                  <td>
                    {state === "good" || state === "orphaned" ? (
                      <Button isSmall look="harm" aria-label={t("tokens.revokeOf", { name: token.name })} onPress={() => setEnding(token)}>
                        {t("tokens.revoke")}
                      </Button>
                    ) : null}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {hasMore ? (
        <Button isSmall isPending={isBusy} onPress={more}>
          {t("common.more")}
        </Button>
      ) : null}
      {ending ? <Ending token={ending} onClose={() => setEnding(null)} /> : null}
    </>
  );
}

function Ending({ token, onClose }: { token: ApiTokenRowFragment; onClose: () => void }) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt();
  const revoke = async () => {
    if (!(await attempt(RevokeApiTokenDocument, { input: { apiTokenId: token.id } }, (data) => data.revokeApiToken))) return;
    notify(t("tokens.revoked", { name: token.name }));
    onClose();
  };
  return (
    <Confirm title={t("tokens.revokeOf", { name: token.name })} isOpen isHarm isBusy={isBusy} action={t("tokens.revoke")} cancel={t("common.cancel")} onConfirm={() => void revoke()} onClose={onClose}>
      <p>{t("tokens.revokeAdvice")}</p>
      {problems}
    </Confirm>
  );
}
