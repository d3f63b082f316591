/** What host suites share: the extension's own parts, a simulated chip on a network port, and waiting for what comes. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Api } from "../../src/extension/main";
import type { PortEntry } from "../../src/extension/ports/portEntry";
import { createChip, serveOnTcp, type ChipOptions, type SimulatedChip } from "../../src/simulator/index";

export const EXTENSION_ID = "beken-flasher.beken-flasher";

export async function activated(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>(EXTENSION_ID);
  assert.ok(extension, `${EXTENSION_ID} is there`);
  const api = await extension.activate();
  // Tests that are about it turn it on: it costs every other write a reading of the whole flash.
  await api.services.settings.update("backUpBeforeFirstWrite", false);
  // Five seconds of each flash.
  await api.services.settings.update("checkAfterFlash", false);
  return api;
}

export interface Bench {
  readonly chip: SimulatedChip;
  readonly port: PortEntry;
  /** Pulls the cable and plugs it in again: the connection is reset. */
  drop(): void;
  /** Pulls the cable for good. */
  unplug(): void;
  close(): Promise<void>;
}

/** A chip on a port that was added in the settings, as a network adapter would be. */
export async function bench(api: Api, preset: string, options: ChipOptions = {}): Promise<Bench> {
  const { ports, settings, jobs } = api.services;
  const chip = createChip(preset, { pace: "none", person: "auto", ...options });
  const server = await serveOnTcp(chip);
  let closed: Promise<void> | undefined;
  const name = `tcp://127.0.0.1:${server.port}`;
  await settings.update("extraPorts", [...settings.extraPorts, name]);
  await until(() => ports.find(name) !== undefined);
  const port = ports.find(name);
  assert.ok(port);
  return {
    chip,
    port,
    drop: () => server.dropConnection(),
    unplug: () => void (closed ??= server.close()),
    async close() {
      await jobs.release(name);
      await settings.update(
        "extraPorts",
        settings.extraPorts.filter((other) => other !== name),
      );
      await until(() => ports.find(name) === undefined);
      await (closed ??= server.close());
      chip.dispose();
    },
  };
}

const PATIENCE_MS = 100_000;
const LOOK_EVERY_MS = 20;

/** Resolves when `condition` holds; rejects a little before the test would be given up, naming what it waited for. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited ${PATIENCE_MS} ms for ${condition.toString()}; ${whatIsOpen()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** The tabs of each group, the one in front marked, and what of it the host takes for visible: tests that wait in vain often wait for that. */
function whatIsOpen(): string {
  const { tabGroups, visibleTextEditors } = vscode.window;
  const groups = tabGroups.all.map(({ tabs }) =>
    tabs.map(({ label, isActive }) => (isActive ? `*${label}` : label)).join(", "),
  );
  const visible = visibleTextEditors.map(({ document }) => `${document.uri.toString()} (${document.languageId})`);
  return `open: [${groups.join("] [")}], visible: ${visible.join(", ") || "none"}`;
}

export function example(path: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, "examples/ is open");
  return vscode.Uri.joinPath(folder.uri, ...path.split("/"));
}

export function exampleBuild(device: string, file: string): vscode.Uri {
  return example(`esphome/.esphome/build/${device}/.pioenvs/${device}/${file}`);
}

type Show = (message: string, ...items: readonly unknown[]) => Thenable<unknown>;

/** Replaces functions of the editor's window for what a test itself calls, until disposed. */
export function inPlaceOf(functions: Readonly<Partial<Record<keyof typeof vscode.window, unknown>>>): {
  dispose(): void;
} {
  const names = Object.keys(functions) as (keyof typeof vscode.window)[];
  const originals = Object.fromEntries(names.map((name) => [name, vscode.window[name]]));
  Object.assign(vscode.window, functions);
  return { dispose: () => void Object.assign(vscode.window, originals) };
}

type Answer = string | undefined | Promise<string | undefined>;
const KINDS = ["showInformationMessage", "showWarningMessage", "showErrorMessage"] as const;

/** Takes the place of the editor's messages for what a test itself has made: keeps them, and answers as the test says. */
export class Messages {
  readonly shown: {
    readonly kind: (typeof KINDS)[number];
    readonly text: string;
    readonly buttons: readonly string[];
  }[] = [];
  private readonly replaced: { dispose(): void };

  constructor(private answer: (text: string, buttons: readonly string[]) => Answer = () => undefined) {
    const show =
      (kind: (typeof KINDS)[number]): Show =>
      (text, ...items) => {
        const buttons = items.filter((item): item is string => typeof item === "string");
        this.shown.push({ kind, text, buttons });
        return Promise.resolve(this.answer(text, buttons));
      };
    this.replaced = inPlaceOf(Object.fromEntries(KINDS.map((kind) => [kind, show(kind)])));
  }

  answerWith(answer: (text: string, buttons: readonly string[]) => Answer): void {
    this.answer = answer;
  }

  get texts(): readonly string[] {
    return this.shown.map(({ text }) => text);
  }

  dispose(): void {
    this.replaced.dispose();
  }
}
