/**
 * Plans that wait for a person's yes outside the program that made them: asked for by whoever acts for the person (mcp), answered at
 * a terminal (approve). A yes is for one plan on one device, counts once, and not for long. It names its plan by what it does, so
 * that no other plan can make use of it.
 */
import { createHash, randomInt } from "node:crypto";
import { deviceMark, planFingerprint, type ChipIdentity, type FlashPlan } from "../../core/index";
import type { FileSystem } from "../../storage/fileSystem";
import { createFile, createFolder, readText, replaceFile } from "../../storage/wholeFiles";

export interface PendingPlan {
  readonly code: string;
  /** Of plan, port and device. */
  readonly mark: string;
  /** What the person reads before answering. */
  readonly lines: readonly string[];
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly approved: boolean;
}

const FORMAT = "beken-flasher-approval";
const LASTS_MS = 10 * 60_000;
/** Nothing that looks like something else. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE = /^[A-Z2-9]{4}-[A-Z2-9]{4}$/;

export class Approvals {
  constructor(
    private readonly files: FileSystem,
    private readonly folder: string,
    private readonly now: () => number = () => Date.now(),
  ) {}

  /** @returns the code that the person names; the same plan gets a new one each time */
  async ask(mark: string, lines: readonly string[]): Promise<string> {
    await createFolder(this.files, this.folder);
    await this.forget((plan) => plan.mark === mark);
    const letters = Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)] ?? "").join("");
    const code = `${letters.slice(0, 4)}-${letters.slice(4)}`;
    const plan: PendingPlan = { code, mark, lines, until: this.now() + LASTS_MS, approved: false };
    await createFile(this.files, this.pathOf(code), new TextEncoder().encode(textOf(plan)));
    return code;
  }

  /** undefined: there is none, or its time is over. */
  async find(code: string): Promise<PendingPlan | undefined> {
    const wanted = code.trim().toUpperCase();
    return (await this.all()).find((plan) => plan.code === wanted);
  }

  /** Called with what a person at a terminal has read and agreed to. */
  async approve(plan: PendingPlan): Promise<void> {
    await replaceFile(this.files, this.pathOf(plan.code), textOf({ ...plan, approved: true }));
  }

  /** Whether a person has said yes to this very plan; the yes is used up by it. */
  async take(mark: string): Promise<boolean> {
    const approved = (await this.all()).some((plan) => plan.mark === mark && plan.approved);
    if (approved) await this.forget((plan) => plan.mark === mark);
    return approved;
  }

  private async all(): Promise<readonly PendingPlan[]> {
    await this.forget(() => false);
    return (await this.stored()).flatMap(({ plan }) => plan ?? []);
  }

  /** What is over goes too, and what cannot be read. */
  private async forget(isMeant: (plan: PendingPlan) => boolean): Promise<void> {
    for (const { path, plan } of await this.stored())
      if (plan === undefined || plan.until < this.now() || isMeant(plan)) await this.files.remove(path);
  }

  private async stored(): Promise<readonly { readonly path: string; readonly plan: PendingPlan | undefined }[]> {
    const names = await this.files.list(this.folder).catch((): readonly string[] => []);
    const codes = names.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -".json".length));
    return await Promise.all(
      codes
        .filter((code) => CODE.test(code))
        .map(async (code) => ({ path: this.pathOf(code), plan: await this.read(code) })),
    );
  }

  private async read(code: string): Promise<PendingPlan | undefined> {
    try {
      const { format, mark, lines, until, approved } = JSON.parse(
        await readText(this.files, this.pathOf(code)),
      ) as Readonly<Record<string, unknown>>;
      const isWhole =
        format === FORMAT && typeof mark === "string" && Array.isArray(lines) && typeof until === "number";
      return isWhole ? { code, mark, lines: lines.map(String), until, approved: approved === true } : undefined;
    } catch {
      return undefined;
    }
  }

  private pathOf(code: string): string {
    return this.files.join(this.folder, `${code}.json`);
  }
}

function textOf(plan: PendingPlan): string {
  return `${JSON.stringify({ format: FORMAT, ...plan }, null, 2)}\n`;
}

/** The same for the same bytes in the same places of the same device behind the same port, and for nothing else. */
export function markOf(plan: FlashPlan, chip: ChipIdentity, port: string): string {
  const all = JSON.stringify([planFingerprint(plan), deviceMark(chip), port]);
  return createHash("sha256").update(all).digest("hex");
}
