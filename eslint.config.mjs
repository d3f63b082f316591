// Lint: type-aware rules for what the compiler lets pass, and the import arrows of docs/architecture.md per folder.
import { relative } from "node:path";
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { isArrow, resolveImport } from "./scripts/arrows.mjs";

const noDefaultExport = { selector: "ExportDefaultDeclaration", message: "Named exports only." };
const noSkippedTest = {
  selector:
    "CallExpression > MemberExpression.callee[object.name=/^(describe|it|context)$/][property.name=/^(only|skip)$/]",
  message: "Every test runs, always.",
};

/** What chips and files say is text on the pages, never markup. */
const noMarkup = {
  selector: "JSXAttribute[name.name='dangerouslySetInnerHTML'], Identifier[name=/^(inner|outer)HTML$/]",
  message: "The pages show text, never markup.",
};

/** Static imports of packages and Node modules; `import()` stays possible where the core's own build allows it. */
const noPackages = {
  regex: "^[^.]",
  allowTypeImports: true,
  message: "The core runs in a browser: load it with import() in the transport that needs it.",
};

/** Holds imports to the table of arrows while a file is written; architecture.test.ts holds all of them. */
const arrowRule = {
  meta: {
    type: "problem",
    schema: [],
    messages: { notAnArrow: "Not an arrow of docs/architecture.md: {{from}} -> {{to}}." },
  },
  create(context) {
    const from = relative(`${import.meta.dirname}/src`, context.filename)
      .replaceAll("\\", "/")
      .replace(/\.tsx?$/, "");
    const check = ({ source }) => {
      if (typeof source?.value !== "string" || !source.value.startsWith(".")) return;
      const to = resolveImport(from, source.value);
      if (!isArrow(from, to)) context.report({ node: source, messageId: "notAnArrow", data: { from, to } });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

export default defineConfig(
  globalIgnores(["dist/", "out/", "examples/", "test/fixtures/"]),
  js.configs.recommended,
  {
    files: ["**/*.{js,mjs,cjs}"],
    languageOptions: {
      globals: Object.fromEntries(
        [
          "AbortSignal",
          "URL",
          "URLSearchParams",
          "clearTimeout",
          "console",
          "fetch",
          "performance",
          "process",
          "setTimeout",
        ].map((name) => [name, "readonly"]),
      ),
    },
  },
  {
    files: ["**/*.js"],
    languageOptions: { sourceType: "commonjs", globals: { require: "readonly", module: "readonly" } },
  },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-restricted-syntax": ["error", noDefaultExport, noSkippedTest],
      // `typeof import("x")` is how a lazily loaded module is typed.
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/prefer-readonly": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // Interfaces promise; an implementation that happens not to wait is still async, so that its throws reject.
      "@typescript-eslint/require-await": "off",
    },
  },
  { files: ["src/cli/terminal/output.ts"], rules: { "no-console": "off" } },
  {
    files: ["src/**/*.ts", "webview-ui/**/*.{ts,tsx}"],
    plugins: { house: { rules: { arrows: arrowRule } } },
    rules: { "house/arrows": "error" },
  },
  {
    files: ["webview-ui/**/*.{ts,tsx}"],
    rules: {
      "no-restricted-syntax": ["error", noDefaultExport, noMarkup],
      // The elements that JSX knows are a namespace of the library's.
      "@typescript-eslint/no-namespace": ["error", { allowDeclarations: true }],
    },
  },
  {
    files: ["src/core/**/*.ts"],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { patterns: [noPackages] }] },
  },
);
