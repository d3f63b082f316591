/**
 * What Beken Flasher gives other extensions, version 1. Copy this file, or take it from the installed extension's folder (`api/index.d.ts`).
 *
 * ```js
 * const { getApi } = await vscode.extensions.getExtension("beken-flasher.beken-flasher").activate();
 * const beken = getApi(1);
 * ```
 *
 * Whatever is written is asked about as if a person had clicked it: the plan is shown, and nothing happens without their yes.
 * Nothing in here holds a class of the editor.
 */

export interface BekenFlasherExports {
  /** Throws where this version of the extension does not have that version of its interface. */
  getApi(version: 1): BekenFlasherApi;
}

export interface Disposable {
  dispose(): void;
}

/** Calls the listener each time, until disposed. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

export interface Device {
  /** The port, as calls take it: `/dev/ttyUSB0`, `COM5`, `tcp://host:port`. */
  readonly port: string;
  readonly label: string;
  /** A simulated chip. */
  readonly isPractice: boolean;
  readonly isSelected: boolean;
  /** A job runs on it. */
  readonly isBusy: boolean;
  /** The chip last seen there, for example `bk7231n`. */
  readonly chip: string | undefined;
}

export interface FileOnDevice {
  readonly port: string;
  /** The text of a URI, or a path of this machine. */
  readonly file: string;
  /** Flash address of a file that does not say where it belongs. */
  readonly at?: number;
}

/** How a job has ended. Calls resolve with one and never reject. */
export interface Outcome {
  readonly port: string;
  readonly kind: "info" | "read" | "backup" | "flash" | "restore" | "verify" | "erase" | "reboot";
  /** `refused`: nothing was started, because the port or the file is not there or the port is busy. */
  readonly status: "succeeded" | "failed" | "cancelled" | "refused";
  /** The chip's own checksum has proven it. */
  readonly verified: boolean;
  readonly flash: "untouched" | "partly-written" | "written";
  /** Stable; only of what failed or was refused. `wrong-arguments`: the call itself cannot be used. */
  readonly code: string | undefined;
}

export interface StartedJob {
  readonly port: string;
  readonly kind: Outcome["kind"];
  readonly title: string;
}

/** The log of a device, which is shown to the person as well. */
export interface Monitor extends Disposable {
  /** A line; networks, passwords and keys in it are masked. */
  readonly onLine: Event<string>;
  /** What the log says of the firmware: `running`, `boot-loop`, `crash` and others, as the user guide lists them. */
  readonly onVerdict: Event<string>;
}

export interface BekenFlasherApi {
  readonly version: 1;
  /** The ports that are there now. */
  devices(): Promise<readonly Device[]>;
  /** Writes a file, after the person's yes to the plan, whatever their settings say. */
  flash(what: FileOnDevice): Promise<Outcome>;
  /** Compares a file with the chip; changes nothing. */
  verify(what: FileOnDevice): Promise<Outcome>;
  /** Opens the log of a device, or joins the one that is open; undefined where there is no such port. Ending it ends no terminal. */
  monitor(port: string): Monitor | undefined;
  /** Ports came or went, or another one was selected. */
  readonly onDidChangeDevices: Event<void>;
  readonly onDidStartJob: Event<StartedJob>;
  readonly onDidEndJob: Event<Outcome>;
}
