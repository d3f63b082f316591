// Lint: type-aware rules for what the compiler lets pass, and the import arrows of docs/architecture.md per folder.
import { readFileSync } from "node:fs";
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const { rows } = JSON.parse(readFileSync(new URL("test/unit/arrows.json", import.meta.url), "utf8"));
const noDefaultExport = { selector: "ExportDefaultDeclaration", message: "Named exports only." };
const noSkippedTest = {
  selector:
    "CallExpression > MemberExpression.callee[object.name=/^(describe|it|context)$/][property.name=/^(only|skip)$/]",
  message: "Every test runs, always.",
};

/** Static imports of packages and Node modules; `import()` stays possible where the core's own build allows it. */
const noPackages = {
  regex: "^[^.]",
  allowTypeImports: true,
  message: "The core runs in a browser: load it with import() in the transport that needs it.",
};

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/** A pattern for the relative imports that leave `row` for any of `targets`, except into `allowed` (a folder, or one file). */
function leaving(targets, allowed) {
  const open = allowed.map((name) => `${escape(name)}(?:/|$)`);
  const except = open.length > 0 ? `(?!${open.join("|")})` : "";
  return {
    regex: `^(?:\\.\\./)+${except}(?:${targets.map(escape).join("|")})(?:/|$)`,
    message: "Not an arrow of docs/architecture.md.",
  };
}

/** One lint block for each row of the table. */
function arrowBlocks() {
  const tops = [...new Set(Object.keys(rows).map((row) => row.split("/")[0])), "test"];
  return Object.entries(rows).map(([row, allowed]) => {
    const [top, part] = row.split("/");
    const patterns = [
      leaving(
        tops.filter((name) => name !== top),
        allowed,
      ),
    ];
    if (part !== undefined) {
      const siblings = Object.keys(rows).filter((name) => name.startsWith(`${top}/`) && name !== row);
      const inside = (names) =>
        names.filter((name) => name.startsWith(`${top}/`)).map((name) => name.slice(top.length + 1));
      patterns.push(leaving(inside(siblings), inside(allowed)));
    }
    if (top === "core") patterns.push(noPackages);
    return {
      files: [`src/${row}.ts`, `src/${row}/**/*.ts`],
      rules: { "@typescript-eslint/no-restricted-imports": ["error", { patterns }] },
    };
  });
}

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
    files: ["**/*.ts"],
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
  { files: ["src/cli/output.ts"], rules: { "no-console": "off" } },
  arrowBlocks(),
);
