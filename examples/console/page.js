// The page: what is on it, and what its buttons do. Open it as index.html?muster=http://localhost:8080
import { Muster, mended } from "./muster.js";

const muster = new Muster(new URLSearchParams(location.search).get("muster") ?? "http://localhost:8080");
const at = (id) => document.getElementById(id);

/** Runs what a button does; says what went wrong. */
function doing(work) {
  return async (event) => {
    event.preventDefault();
    at("trouble").textContent = "";
    try {
      await work(event.target);
    } catch (trouble) {
      at("trouble").textContent = `${trouble.code ?? "ERROR"}: ${trouble.message}`;
    }
  };
}

at("sign-in").addEventListener(
  "submit",
  doing(async (form) => {
    const { account } = await muster.signIn(form.email.value, form.password.value);
    form.password.value = "";
    at("who").textContent = `Signed in to ${account.name}.`;
  }),
);

at("read").addEventListener(
  "click",
  doing(async () => {
    const { account } = await muster.ask("{ account { name userCounts { total } } }");
    at("account").textContent = JSON.stringify(account);
  }),
);

at("import").addEventListener(
  "submit",
  doing(async (form) => {
    at("progress").replaceChildren();
    const uploadId = await muster.upload(form.file.files[0]);
    const { startImport } = await muster.ask(
      "mutation($input: StartImportInput!) { startImport(input: $input) { import { id } userErrors { code message } } }",
      { input: { uploadId, mode: "DRY_RUN" } },
    );
    mended(startImport.userErrors);
    const importId = startImport.import.id;
    let afterSequence = 0;
    const events = muster.follow(
      `subscription($importId: ID!, $afterSequence: Int) {
         importProgress(importId: $importId, afterSequence: $afterSequence) { sequence isFinal import { status } }
       }`,
      () => ({ importId, afterSequence }),
    );
    for await (const { importProgress } of events) {
      afterSequence = importProgress.sequence;
      const line = document.createElement("li");
      line.textContent = importProgress.import.status;
      at("progress").append(line);
    }
  }),
);

// Somebody who signed in before goes on where they were.
muster.resume().then(
  () => (at("who").textContent = "Still signed in."),
  () => {},
);
