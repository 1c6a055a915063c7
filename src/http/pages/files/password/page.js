// With a token behind the "#", which browsers send to nobody, a new password is set. Without one the page asks for a link.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
const byId = (id) => document.getElementById(id);
const say = (text) => { byId("said").textContent = text; };

async function send(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error((await response.json()).errors[0].message);
}

function show(id, text, path, done, next) {
  say(text);
  const form = byId(id);
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await send(path, { ...Object.fromEntries(new FormData(form)), ...(token && { token }) });
      form.hidden = true;
      say(done);
      if (next) byId(next).hidden = false;
    } catch (error) {
      say(error.message);
    }
  });
}

if (token) {
  show("set", "Choose a new password of at least 12 characters.", "/auth/password/reset",
    "Your password is set, and every browser that was signed in with the old one is signed out. Sign in anew.", "enter");
} else {
  show("ask", "We send a link to set a new password, if the address is known to us.", "/auth/password/forgot",
    "If the address is known to us, a mail is on its way. The link in it is good for an hour.");
}
