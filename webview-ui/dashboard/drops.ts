/** Firmware that is dropped on the page: its address where it comes out of the editor, its bytes where it comes from outside. */
import { MOST_DROPPED, type FromDashboard } from "../../src/shared/messages";

/** The editor's own list names files that are elsewhere than on this machine, too. */
const LISTS = ["application/vnd.code.uri-list", "text/uri-list"];
const FILES = "Files";

const brings = ({ dataTransfer }: DragEvent): boolean =>
  dataTransfer?.types.some((type) => type === FILES || LISTS.includes(type)) === true;

/**
 * Takes whatever is dropped anywhere on the page. The editor lets a page see a drag only while Shift is held; without it, it opens
 * the file itself.
 * @param portId the device that is shown when it is dropped
 */
export function takeDrops(portId: () => string | undefined, send: (intent: FromDashboard) => void): void {
  const mark = (isOver: boolean): void => void document.body.classList.toggle("dropping", isOver);
  window.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = "copy";
    mark(true);
  });
  window.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  window.addEventListener("drop", (event) => {
    mark(false);
    const { dataTransfer } = event;
    if (dataTransfer === null || !brings(event)) return;
    event.preventDefault();
    const to = portId();
    const where = to === undefined ? {} : { portId: to };
    const list = LISTS.map((type) => dataTransfer.getData(type)).find((text) => text !== "");
    const [file] = dataTransfer.files;
    if (list !== undefined) send({ type: "drop", list, ...where });
    else if (file !== undefined) void read(file).then((content) => send({ type: "dropFile", ...content, ...where }));
  });
}

/** Without bytes where they cannot be read, or are more than any firmware has. */
async function read(
  file: File,
): Promise<{ readonly name: string; readonly size: number; readonly bytes?: Uint8Array }> {
  const { name, size } = file;
  if (size > MOST_DROPPED) return { name, size };
  try {
    return { name, size, bytes: new Uint8Array(await file.arrayBuffer()) };
  } catch {
    // A folder, or a file that has gone meanwhile: the host says so.
    return { name, size };
  }
}
