/** Journals of writes on disk, read by the campaign itself: what they keep of which sector. */
import { COMMAND_STATE, EDITOR_JOURNALS, JOURNALS } from "./disk";

const FOLDERS = [JOURNALS, EDITOR_JOURNALS, COMMAND_STATE];

export function isJournal(name: string): boolean {
  return name.endsWith(".journal") && FOLDERS.some((folder) => name.startsWith(`${folder}/`));
}

export interface KeptSector {
  readonly address: number;
  readonly content: Uint8Array;
}

/** @param files all of the disk, by name */
export function keptOnDisk(files: ReadonlyMap<string, Uint8Array>): readonly KeptSector[] {
  const journals = [...files].filter(([name]) => isJournal(name));
  return journals
    .flatMap(([, bytes]) => headOf(bytes).kept ?? [])
    .map(({ address, content }) => ({
      address,
      content: new Uint8Array(Buffer.from(content, "base64")),
    }));
}

interface Head {
  readonly kept?: readonly { readonly address: number; readonly content: string }[];
}

/** The first line that is whole: a JSON object, with whatever the product puts around it to know that it is. */
function headOf(bytes: Uint8Array): Head {
  const line = Buffer.from(bytes).toString("utf8").split("\n", 1)[0] ?? "";
  const from = line.indexOf("{");
  const to = line.lastIndexOf("}");
  try {
    return JSON.parse(line.slice(from, to + 1)) as Head;
  } catch {
    return {};
  }
}
