import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { apartByOperation } from "./build/documents.ts";
import { finish } from "./build/finish.ts";

const muster = { target: process.env.MUSTER_URL ?? "http://127.0.0.1:8080", changeOrigin: false };

export default defineConfig({
  // Of what React Aria says by itself, the languages that the console has.
  plugins: [react(), { ...optimizeLocales.vite({ locales: ["en-US", "de-DE", "fr-FR", "ja-JP"] }), enforce: "pre" }, apartByOperation(), finish()],
  build: {
    assetsDir: "assets/console",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    reportCompressedSize: false,
    target: "es2022",
    modulePreload: { polyfill: false },
  },
  server: {
    host: "localhost",
    proxy: { "/graphql": { ...muster, ws: true }, "/auth": muster, "/sso": muster, "/assets/sso": muster, "/muster": muster },
  },
  preview: { host: "localhost" },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
