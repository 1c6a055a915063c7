import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@fontsource-variable/geist/wght.css";
import "./design/tokens.css";
import "./design/base.css";
import "./design/parts.css";
import { currentTheme, wear } from "./design/theme.ts";
import { start } from "./language/language.ts";
import { resume } from "./session/session.ts";
import { App } from "./shell/App.tsx";
import { reloadWhatIsMissing } from "./shell/later.ts";

reloadWhatIsMissing();

wear(currentTheme());
const root = document.getElementById("root");
if (root) {
  // After signing in at a provider there may be no session yet; the cookie knows.
  void resume();
  await start();
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
