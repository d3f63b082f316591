// Which mutants do not even compile: the types notice them, so no test need. Knows no reports.
import { cpSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

/** What the compiler says of unused names, and of lines never reached: a slip need not leave any. */
const LEFT_OVERS = new Set([6133, 6138, 6192, 6196, 6198, 6199, 7027]);

/** A copy of the sources in `folder`: who waits for a mutation run goes on working. */
export function copySources(folder) {
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["src", "tsconfig.json", "package.json"]) cpSync(name, join(folder, name), { recursive: true });
}

export class Types {
  /** @param project folder with the sources without mutants, and the compiler's settings */
  constructor(project) {
    this.project = project;
    const { config } = ts.readConfigFile(resolve(project, "tsconfig.json"), ts.sys.readFile);
    const { options, fileNames } = ts.parseJsonConfigFileContent({ ...config, include: ["src"] }, ts.sys, project);
    /** The file that is not as it is on the disk. */
    this.changed = { name: "", text: "" };
    this.version = 0;
    this.versions = new Map();
    this.service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => fileNames,
      getScriptVersion: (name) => String(this.versions.get(name) ?? 0),
      getScriptSnapshot: (name) => {
        const text = name === this.changed.name ? this.changed.text : ts.sys.readFile(name);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => project,
      getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
    });
  }

  /**
   * Whether the mutant's file compiles, unused names aside.
   * @param fileName from the project's folder on
   * @param location lines and columns, from 0
   */
  compiles({ fileName, location, replacement }) {
    const name = resolve(this.project, fileName).replaceAll("\\", "/");
    const source = ts.sys.readFile(name) ?? "";
    const lines = source.split("\n");
    const offset = ({ line, column }) => lines.slice(0, line).reduce((sum, { length }) => sum + length + 1, 0) + column;
    const text = source.slice(0, offset(location.start)) + replacement + source.slice(offset(location.end));
    this.change(name, text);
    const found = [...this.service.getSyntacticDiagnostics(name), ...this.service.getSemanticDiagnostics(name)];
    this.change(name, source);
    return found.every(({ code }) => LEFT_OVERS.has(code));
  }

  change(name, text) {
    this.version += 1;
    this.changed = { name, text };
    this.versions.set(name, this.version);
  }
}
