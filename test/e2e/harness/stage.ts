/**
 * Puts a test on stage: an editor for the tests that follow each other, also in other files of this process, and for every test devices and
 * settings of its own. What fails prints what the window said, leaves a picture and the logs in test-results/failures, and takes its
 * window with it.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Editor, type EditorOptions, type OpenOptions, type Scene } from "./editor";

const FAILURES = join("test-results", "failures");
const START_WITHIN_MS = 5 * 60_000;

/** Every file of tests is bundled with a module like this one: they find the editor here. */
const shared = globalThis as { bekenStage?: { readonly kind: string; readonly editor: Editor } | undefined };

async function clear(): Promise<void> {
  const { editor } = shared.bekenStage ?? {};
  shared.bekenStage = undefined;
  await editor?.stop();
}

// Once all tests have run.
after(clear);

/** Adds to an error's message, and to the copy of it that begins its stack: reporters print that one. */
function tell(error: Error, more: string): void {
  const { message, stack = "" } = error;
  error.message = `${message}\n${more}`;
  error.stack = stack.includes(message) ? stack.replace(message, () => error.message) : `${error.message}\n${stack}`;
}

/** To be called inside `describe`: registers what starts the editor before its tests. */
export function useStage(options: EditorOptions = {}): { open(options?: OpenOptions): Promise<Scene> } {
  const kind = JSON.stringify(options);
  let editor: Editor;

  before(async function () {
    this.timeout(START_WITHIN_MS);
    if (shared.bekenStage?.kind !== kind) {
      await clear();
      shared.bekenStage = { kind, editor: await Editor.start(options) };
    }
    editor = shared.bekenStage.editor;
  });

  afterEach(async function () {
    const test = this.currentTest;
    if (test?.state !== "failed") return;
    mkdirSync(FAILURES, { recursive: true });
    const said = await editor.record(join(FAILURES, test.fullTitle().replace(/\W+/g, "-")));
    // Read when all tests have run: machines that keep no pictures still tell what the window said.
    if (test.err !== undefined && said !== undefined) tell(test.err, `The window said:\n${said}`);
    await editor.close();
  });

  return { open: (wanted) => editor.open(wanted) };
}
