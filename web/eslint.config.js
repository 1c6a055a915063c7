// Types, hooks, accessibility, and the operations against the schema. No warnings: what is right in one place says there why.
import graphql from "@graphql-eslint/eslint-plugin";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const WORDS = /\p{L}{2}/u;

/** No text in components: what people read comes from the message files. */
const noText = {
  meta: { type: "problem", schema: [] },
  create: (context) => ({
    JSXText: (node) => {
      if (WORDS.test(node.value) && node.value.trim() !== "Muster") context.report({ node, message: "What people read comes from src/language/messages." });
    },
    JSXAttribute: ({ name, value }) => {
      if (!["label", "title", "placeholder", "aria-label", "alt", "help"].includes(name.name)) return;
      if (value?.type === "Literal" && WORDS.test(value.value)) context.report({ node: value, message: "What people read comes from src/language/messages." });
    },
  }),
};

export default tseslint.config(
  { ignores: ["dist", "src/api/generated", "node_modules"] },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked, a11y.flatConfigs.strict],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    plugins: { "react-hooks": hooks, house: { rules: { "no-text": noText } } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      ...hooks.configs.recommended.rules,
      "house/no-text": "error",
      // Lists that belong together are filled in one effect; React's compiler is not used.
      "react-hooks/set-state-in-effect": "off",
      "react-hooks/refs": "off",
      "react-hooks/immutability": "off",
      "react-hooks/preserve-manual-memoization": "off",
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unnecessary-condition": "off",
      "jsx-a11y/no-autofocus": ["error", { ignoreNonDOM: true }],
    },
  },
  {
    files: ["src/**/*.graphql"],
    plugins: { "@graphql-eslint": graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "../schema.graphql", documents: "src/**/*.graphql" } },
    },
    rules: {
      ...graphql.configs["flat/operations-recommended"].rules,
      "@graphql-eslint/require-selections": ["error", { fieldName: "id" }],
      // Files are of a word of the domain, and hold its operations.
      "@graphql-eslint/selection-set-depth": "off",
      // A query that is a word of the domain is clearer without its kind behind it.
      "@graphql-eslint/naming-convention": ["error", { OperationDefinition: { style: "PascalCase" }, FragmentDefinition: { style: "PascalCase" } }],
    },
  },
);
