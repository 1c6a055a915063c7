import { useRoute } from "wouter";
import { ImportPage } from "./ImportPage.tsx";
import { NewImport } from "./NewImport.tsx";
import "./imports.css";

export function ImportsScreen() {
  const [, route] = useRoute("/imports/:id");
  return <div className="imports">{route ? <ImportPage key={route.id} id={route.id} /> : <NewImport />}</div>;
}
