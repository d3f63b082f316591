/** Looks at the machine for what {@link surroundingsOf} tells apart. Only reads, and what cannot be read is not there. */
import { MARKS, type MachineFacts } from "./portSurroundings";

/** Where systemd's running units have folders. */
const UNITS = "/sys/fs/cgroup/system.slice";

/** @param path of the port, where one was named @param ports that are listed now @param isBusy who has it open is worth a look at every program */
export async function lookAround(
  path: string | undefined,
  ports: readonly string[],
  isBusy: boolean,
): Promise<MachineFacts> {
  const { platform, env } = process;
  const machine = new Machine(await import("node:fs/promises"));
  const groups = groupsOf(await machine.text("/etc/group"));
  const name = accountName((await import("node:os")).userInfo);
  const own = process.getgroups?.() ?? [];
  return {
    platform,
    env,
    ports,
    kernel: await machine.text("/proc/version"),
    cgroup: await machine.text("/proc/1/cgroup"),
    marks: await machine.existing(MARKS),
    running: platform === "linux" ? await machine.running() : [],
    account: {
      name,
      isRoot: process.geteuid?.() === 0,
      groups: groups.filter(({ id }) => own.includes(id)).map((group) => group.name),
      memberOf: groups.filter(({ members }) => members.includes(name)).map((group) => group.name),
    },
    holder: isBusy && platform === "linux" && path !== undefined ? await machine.holderOf(path) : undefined,
    node: path === undefined ? undefined : await machine.nodeAt(path, groups),
  };
}

/** What is read of it; all of it may be missing. */
class Machine {
  constructor(private readonly files: typeof import("node:fs/promises")) {}

  text(path: string): Promise<string> {
    return this.files.readFile(path, "utf8").catch(() => "");
  }

  async existing(paths: readonly string[]): Promise<readonly string[]> {
    const there = await Promise.all(paths.map((path) => this.files.stat(path).catch(() => undefined)));
    return paths.filter((_, index) => there[index] !== undefined);
  }

  async running(): Promise<readonly string[]> {
    const pids = (await this.names("/proc")).filter((name) => /^\d+$/.test(name));
    const programs = await Promise.all(pids.map((pid) => this.text(`/proc/${pid}/comm`)));
    const units = (await this.names(UNITS)).filter((name) => name.endsWith(".service"));
    return [...programs.map((line) => line.trim()), ...units];
  }

  async holderOf(path: string): Promise<string | undefined> {
    const target = await this.files.realpath(path).catch(() => path);
    for (const pid of (await this.names("/proc")).filter((name) => /^\d+$/.test(name))) {
      if (Number(pid) === process.pid) continue;
      const open = (await this.names(`/proc/${pid}/fd`)).map((file) =>
        this.files.readlink(`/proc/${pid}/fd/${file}`).catch(() => ""),
      );
      if ((await Promise.all(open)).includes(target)) return (await this.text(`/proc/${pid}/comm`)).trim();
    }
    return undefined;
  }

  async nodeAt(path: string, groups: readonly Group[]): Promise<MachineFacts["node"]> {
    const found = await this.files.stat(path).catch(() => undefined);
    if (found === undefined) return undefined;
    const group = groups.find(({ id }) => id === found.gid)?.name ?? String(found.gid);
    return { path, group, mode: found.mode };
  }

  private names(folder: string): Promise<string[]> {
    return this.files.readdir(folder).catch(() => []);
  }
}

interface Group {
  readonly name: string;
  readonly id: number;
  readonly members: readonly string[];
}

/** Lines of `/etc/group`: name, password, number, members parted by commas. */
function groupsOf(lines: string): readonly Group[] {
  return lines.split("\n").flatMap((line) => {
    const [name = "", , id = "", members = ""] = line.split(":");
    return /^\d+$/.test(id) ? [{ name, id: Number(id), members: members.split(",") }] : [];
  });
}

/** An account without a line in the system's list has a number and no name. */
function accountName(userInfo: () => { readonly username: string }): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "");
  }
}
