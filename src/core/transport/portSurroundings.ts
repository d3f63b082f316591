/**
 * What of a machine explains that a port is not there, may not be opened or is in use: told apart by plain facts. Pure: looks at nothing
 * by itself; `machineFacts.ts` does.
 */
import type { FlasherErrorCode } from "../base/errors";
import type { Surrounding } from "../base/remediesAround";

export interface MachineFacts {
  /** As Node names it: `linux`, `darwin`, `win32`. */
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the kernel calls itself: `/proc/version`. */
  readonly kernel: string;
  /** Of {@link MARKS}, those files that are there. */
  readonly marks: readonly string[];
  /** `/proc/1/cgroup`, which names the box that the first process is in. */
  readonly cgroup: string;
  /** Names of programs that run and of systemd's units, as far as they can be seen. */
  readonly running: readonly string[];
  readonly account: {
    readonly name: string;
    readonly isRoot: boolean;
    /** Groups that this very process is in, and those that the account is in by `/etc/group`. */
    readonly groups: readonly string[];
    readonly memberOf: readonly string[];
  };
  /** The port's node, where it is there. */
  readonly node?: { readonly path: string; readonly group: string; readonly mode: number } | undefined;
  /** The program that has the port open, as far as it may be seen: those of other accounts may not. */
  readonly holder?: string | undefined;
  /** Names of the ports that can be listed now. */
  readonly ports: readonly string[];
}

/** Files that only boxes have: of Docker, Podman and Flatpak. */
export const MARKS = ["/.dockerenv", "/run/.containerenv", "/.flatpak-info"] as const;

/** Of a node: its group may read and write it. */
const GROUP_RW = 0o060;
/** WSL 1 is no Linux kernel, and calls itself so; that of WSL 2 ends in `-microsoft-standard`. */
const WSL_1_KERNEL = /-Microsoft\b/;
const CONTAINER_CGROUP = /docker|containerd|kubepods|libpod|lxc/;

/** Whether the machine is worth a look for a failure of this kind. */
export function isExplained(code: FlasherErrorCode): boolean {
  return code === "port-not-found" || code === "port-permission" || code === "port-busy";
}

/** What explains a failure of this kind, the likeliest first; empty where nothing of the machine does. */
export function surroundingsOf(code: FlasherErrorCode, facts: MachineFacts): readonly Surrounding[] {
  switch (code) {
    case "port-not-found":
      return [...otherPorts(facts), ...boxes(facts), ...takers(facts, "absent"), ...macDriver(facts)];
    case "port-permission":
      return [...rights(facts), ...boxes(facts)];
    case "port-busy":
      return takers(facts, "busy");
    default:
      return [];
  }
}

function otherPorts({ ports }: MachineFacts): readonly Surrounding[] {
  return ports.length === 0 ? [] : [{ kind: "other-ports", values: [ports.slice(0, 5).join(", ")] }];
}

/** Who may open the node, by its group and mode; root may in any case. */
function rights({ platform, node, account }: MachineFacts): readonly Surrounding[] {
  if (platform !== "linux" || node === undefined || account.isRoot) return [];
  const { group, mode, path } = node;
  if ((mode & GROUP_RW) !== GROUP_RW || group === "root") return [{ kind: "root-only", values: [path] }];
  if (account.groups.includes(group)) return [];
  const isMember = account.memberOf.includes(group);
  return [{ kind: isMember ? "group-not-yet" : "group", values: [group, account.name] }];
}

/** The boxes that a program runs in, the innermost first. */
function boxes({ env, kernel, marks, cgroup }: MachineFacts): readonly Surrounding[] {
  const found: Surrounding[] = [];
  const flatpak = env["FLATPAK_ID"];
  if (flatpak !== undefined || marks.includes("/.flatpak-info"))
    found.push({ kind: "flatpak", values: [flatpak ?? "APP"] });
  const snap = env["SNAP_INSTANCE_NAME"] ?? env["SNAP_NAME"] ?? /^\/snap\/([^/]+)/.exec(env["SNAP"] ?? "")?.[1];
  if (snap !== undefined) found.push({ kind: "snap", values: [snap] });
  const isCodespace = env["CODESPACES"] === "true";
  if (isCodespace) found.push({ kind: "codespace" });
  const isContainer =
    marks.includes("/.dockerenv") ||
    marks.includes("/run/.containerenv") ||
    env["REMOTE_CONTAINERS"] === "true" ||
    env["KUBERNETES_SERVICE_HOST"] !== undefined ||
    CONTAINER_CGROUP.test(cgroup);
  if (isContainer && !isCodespace) found.push({ kind: "container" });
  if (WSL_1_KERNEL.test(kernel)) found.push({ kind: "wsl1" });
  else if (/microsoft/i.test(kernel) || env["WSL_DISTRO_NAME"] !== undefined) found.push({ kind: "wsl" });
  if (env["SSH_CONNECTION"] !== undefined && !isCodespace) found.push({ kind: "ssh" });
  return found;
}

/** Programs that take adapters for something else. */
function takers({ platform, running, holder }: MachineFacts, seen: "absent" | "busy"): readonly Surrounding[] {
  if (platform !== "linux") return [];
  const suspects = holder === undefined ? running : [holder];
  const runs = (name: RegExp): boolean => suspects.some((each) => name.test(each));
  return [
    ...(runs(/^brltty/) ? [{ kind: "brltty" } as const] : []),
    ...(seen === "busy" && runs(/^ModemManager/i) ? [{ kind: "modem-manager" } as const] : []),
  ];
}

function macDriver({ platform, ports }: MachineFacts): readonly Surrounding[] {
  return platform === "darwin" && !ports.some((path) => path.startsWith("/dev/cu.")) ? [{ kind: "mac-driver" }] : [];
}
