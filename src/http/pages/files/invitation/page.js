// Opening the page changes nothing: it only asks what the invitation is. The token stays behind the "#", which browsers send to nobody.
const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
const byId = (id) => document.getElementById(id);
const say = (text) => { byId("said").textContent = text; };

async function ask(query, input) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const answer = await response.json();
  if (answer.errors) throw new Error(answer.errors[0].message);
  return answer.data;
}

async function preview() {
  const { previewInvitation: { invitation, userErrors } } = await ask(
    "mutation($input: PreviewInvitationInput!) { previewInvitation(input: $input) { invitation { accountName inviterName emailHint expiresAt ssoPath } userErrors { message } } }",
    { token },
  );
  if (userErrors.length > 0) return say(userErrors[0].message);
  const { accountName, inviterName, emailHint, expiresAt, ssoPath } = invitation;
  byId("title").textContent = `Join ${accountName}`;
  const day = new Date(expiresAt).toLocaleDateString();
  say(`${inviterName ? `${inviterName} invites you` : "You are invited"} (${emailHint}). The invitation is good until ${day}.`);
  byId("sso").href = ssoPath ?? "";
  byId(ssoPath ? "sso" : "form").hidden = false;
}

byId("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = Object.fromEntries(new FormData(event.target));
  const input = { token, password: given.password };
  for (const name of ["givenName", "familyName"]) if (given[name]) input[name] = given[name];
  try {
    const { acceptInvitation: { email, userErrors } } = await ask(
      "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { email userErrors { message } } }",
      input,
    );
    if (userErrors.length > 0) return say(userErrors.map((error) => error.message).join(" "));
    byId("form").hidden = true;
    byId("enter").hidden = false;
    say(`Welcome! From now on sign in as ${email} with the password you just chose.`);
  } catch (error) {
    say(error.message);
  }
});

preview().catch((error) => say(error.message));
