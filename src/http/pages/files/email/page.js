// The token stands behind the "#", which browsers send to nobody. It goes to the server when somebody presses the button, and not before.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
const byId = (id) => document.getElementById(id);
const say = (text) => { byId("said").textContent = text; };
const QUERY = "mutation($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { email userErrors { message } } }";

async function confirm() {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: QUERY, variables: { input: { token } } }),
  });
  const answer = await response.json();
  if (answer.errors) throw new Error(answer.errors[0].message);
  const { email, userErrors } = answer.data.confirmEmailChange;
  if (userErrors.length > 0) throw new Error(userErrors[0].message);
  return email;
}

if (token) {
  say("Confirm that this is your address. You sign in by it from then on.");
  const form = byId("confirm");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const email = await confirm();
      form.hidden = true;
      say(`Your address is ${email} now. Every other browser that was signed in is signed out.`);
      byId("enter").hidden = false;
    } catch (error) {
      say(error.message);
    }
  });
} else {
  say("The link is not whole. Open it from the mail, or copy all of it.");
}
