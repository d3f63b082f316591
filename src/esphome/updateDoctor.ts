/**
 * Whether updates over the air of a build will be unpacked on a device, and the least that the YAML must say so that they are: the boot
 * code's table and the chip's key against the layout and the key of the build. Pure. Source: docs/formats.md ("Updates over the air").
 */
import {
  boardOverrides,
  findLayout,
  hexAddress,
  words,
  type BoardProfile,
  type KeyKind,
  type Passport,
  type Words,
} from "../core/index";

/** What of a device decides. */
export type UpdateDevice = Pick<Passport, "bootCode" | "key" | "coefficients" | "calibrationAt">;

export interface UpdateBuild {
  /** undefined where the build does not name one. */
  readonly board: BoardProfile | undefined;
  /** By its own partition table; the board's layout without. */
  readonly partitions: readonly { readonly name: string; readonly offset: number; readonly length: number }[];
  readonly key: KeyKind;
}

export interface UpdateAdvice {
  readonly works: "yes" | "no" | "unknown";
  readonly words: Words;
  /** Options for `platformio_options`, as they are written there; empty where the build fits. */
  readonly patch: readonly string[];
}

const APP_START = 0x11000;

export function updateAdvice(device: UpdateDevice, build: UpdateBuild): UpdateAdvice {
  const { bootCode, key, coefficients, calibrationAt } = device;
  const fits = build.board
    ? boardOverrides({ key: { kind: key, ...(coefficients && { coefficients }) }, calibrationAt }, [build.board])
    : [];
  const wrongKey = key !== "unknown" && build.key !== "unknown" && key !== build.key;
  // What a project overrides already is in the build: its board alone does not know.
  const patch = fits.filter((line) => wrongKey || line.startsWith("board_flash."));
  const answer = (works: UpdateAdvice["works"], said: Words, more: readonly string[] = []): UpdateAdvice => ({
    works,
    words: said,
    patch: [...patch, ...more],
  });
  if (!bootCode.isThere) return answer("unknown", words`there is no boot code in the file to tell`);
  const start = bootCode.download?.start ?? (bootCode.hasTable ? undefined : bootCode.profile?.download);
  if (start === undefined)
    return answer(
      "no",
      bootCode.hasTable
        ? words`wired only: the boot code's table has no download partition`
        : words`wired only: the boot code has no partition table, so it looks for no package`,
    );
  const partitions =
    build.partitions.length > 0
      ? build.partitions
      : ((build.board && findLayout(build.board.layout)?.partitions) ?? []);
  const download = partitions.find(({ name }) => name === "download");
  if (!download) return answer("unknown", words`the build does not say where it puts its packages`);
  if (download.offset !== start) {
    const length = bootCode.download ? bootCode.download.end - start : download.length;
    const app = partitions.find(({ name }) => name === "app");
    const appIsLong = app !== undefined && app.offset < start && app.offset + app.length > start;
    return answer(
      "no",
      words`the build puts its packages at ${hexAddress(download.offset)}, and the boot code looks at ${hexAddress(start)}`,
      [
        ...(appIsLong ? [`board_flash.app: ${hex(APP_START)}+${hex(start - APP_START)}`] : []),
        `board_flash.download: ${hex(start)}+${hex(length)}`,
      ],
    );
  }
  if (wrongKey) return answer("no", words`the chip has another key than the build: what is unpacked would not start`);
  return answer("yes", words`the boot code looks for packages at ${hexAddress(start)}, where the build puts them`);
}

function hex(value: number): string {
  return `0x${value.toString(16).toUpperCase()}`;
}
