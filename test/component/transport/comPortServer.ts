/** RFC 2217 servers for tests: one with its own reading of the protocol and the manners of known servers, and the real ones where installed. */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ControlLines } from "../../../src/core/transport/transport";
import { towardsHost } from "../../../src/simulator/host/hostLine";
import { hasPtys } from "../ptyProbe";
import type { ChipUart } from "../../../src/simulator/uart/chipUart";

/** How a server differs from what one expects. */
export interface Manners {
  /** Sets DTR and RTS, and says so; others swallow them. */
  readonly lines: boolean;
  /** Echoes nothing at all. */
  readonly mute?: boolean;
  /** Keeps its rate and says so. */
  readonly fixedRate?: number;
  /** Plain bytes, no Telnet. */
  readonly raw?: boolean;
  /** Sends options on and on. */
  readonly storms?: boolean;
  /** What it answers to a command, code and value as one; undefined: nothing. Else the command's own echo. */
  readonly answers?: (command: Buffer) => Buffer | undefined;
  /** Said in plain text to whoever connects, who is sent away then. */
  readonly says?: string;
}

export interface ComPortServer {
  readonly port: number;
  drop(): void;
  /** Something that nobody asked for, as it goes over the wire. */
  say(hex: string): void;
  close(): Promise<void>;
}

/** Reads the protocol by searching the text of what has come, which is nothing like how the client does it. */
export async function serveComPort(chip: ChipUart, manners: Manners): Promise<ComPortServer> {
  let client: Socket | undefined;
  let baud = 115_200;
  const lines = { dtr: false, rts: false };
  const server = createServer({ noDelay: true }, (socket) => {
    client = socket;
    let rest = Buffer.alloc(0);
    chip.hostPresent(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      // The next one may be here before this one's end is heard of.
      if (client !== socket) return;
      client = undefined;
      chip.hostPresent(false);
    });
    if (manners.raw !== true) socket.write(Buffer.from("fffb03fffd03fffb01fffd00fffb00fffd2c", "hex"));
    if (manners.says !== undefined) socket.end(manners.says);
    if (manners.storms === true)
      for (let i = 0; i < 5_000; i++) socket.write(Buffer.from(i % 2 === 0 ? "fffd18fffb00" : "fffe18fffc00", "hex"));
    socket.on("data", (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      const data: number[] = [];
      let at = 0;
      while (at < rest.length) {
        if (rest[at] !== 0xff || manners.raw === true) data.push(rest[at++] as number);
        else if (at + 1 >= rest.length) break;
        else if (rest[at + 1] === 0xff) {
          data.push(0xff);
          at += 2;
        } else if (rest[at + 1] === 0xfa) {
          let end = at + 2;
          while (end + 1 < rest.length && !(rest[end] === 0xff && rest[end + 1] === 0xf0))
            end += rest[end] === 0xff ? 2 : 1;
          if (end + 1 >= rest.length) break;
          // What came before the command was for the old rate.
          flush(data.splice(0));
          command(
            Buffer.from(
              rest
                .subarray(at + 3, end)
                .toString("hex")
                .replace(/((?:..)*?)ffff/g, "$1ff"),
              "hex",
            ),
          );
          at = end + 2;
        } else if (at + 2 >= rest.length) break;
        else at += 3;
      }
      rest = rest.subarray(at);
      flush(data);
    });
    const flush = (data: readonly number[]): void => {
      if (data.length > 0) chip.hostSends(Uint8Array.from(data), baud);
    };
    const command = (value: Buffer): void => {
      const [code = 0, first = 0] = value;
      let echo = value.subarray(1);
      if (code === 1) {
        const wanted = value.readUInt32BE(1);
        if (wanted !== 0) baud = manners.fixedRate ?? wanted;
        echo = Buffer.alloc(4);
        echo.writeUInt32BE(baud);
      }
      if (code === 5 && first >= 7) {
        if (!manners.lines) return;
        if (first === 8 || first === 9) lines.dtr = first === 8;
        if (first === 11 || first === 12) lines.rts = first === 11;
        if (first >= 11) chip.setControlLines({ ...lines });
      }
      const answer = manners.answers ? manners.answers(value) : Buffer.concat([Buffer.from([code]), echo]);
      if (manners.mute === true || answer === undefined) return;
      const escaped = Buffer.from(
        answer.toString("hex", 1).replace(/../g, (byte) => (byte === "ff" ? "ffff" : byte)),
        "hex",
      );
      socket.write(Buffer.concat([Buffer.from([0xff, 0xfa, 0x2c, code + 100]), escaped, Buffer.from([0xff, 0xf0])]));
    };
  });
  chip.onTransmit((bytes, chipBaud) => {
    const heard = towardsHost(bytes, chipBaud, manners.raw === true ? undefined : baud);
    const hex = Buffer.from(heard).toString("hex");
    client?.write(
      manners.raw === true
        ? heard
        : Buffer.from(
            hex.replace(/../g, (byte) => (byte === "ff" ? "ffff" : byte)),
            "hex",
          ),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    port: address.port,
    drop: () => void client?.resetAndDestroy(),
    say: (hex) => void client?.write(Buffer.from(hex, "hex")),
    close: () =>
      new Promise((resolve) => {
        client?.destroy();
        server.close(() => resolve());
      }),
  };
}

const has = (command: string, ...args: readonly string[]): boolean =>
  hasPtys && spawnSync(command, args, { stdio: "ignore" }).status === 0;

/** Debian: `apt-get install ser2net python3-serial`. */
export const SER2NET = has("ser2net", "-v") ? "ser2net" : undefined;
export const PYTHON = ["/usr/bin/python3", "python3"].find((python) => has(python, "-c", "import serial.rfc2217"));

/** Its PortManager before a pseudo-terminal, whose missing lines it must not mind. */
const PYSERIAL = `
import fcntl, json, os, select, socket, struct, sys, tty
import serial.rfc2217
# Any rate at all, as Linux takes it: TCGETS2, TCSETS2, BOTHER instead of CBAUD.
def set_rate(fd, rate):
    settings = list(struct.unpack("4IB19s2I", fcntl.ioctl(fd, 0x802C542A, bytes(44))))
    settings[2] = settings[2] & ~0o10017 | 0o10000
    settings[6] = settings[7] = rate
    fcntl.ioctl(fd, 0x402C542B, struct.pack("4IB19s2I", *settings))
class Port:
    bytesize, parity, stopbits, xonxoff, rtscts = 8, "N", 1, False, False
    rate = 115200
    @property
    def baudrate(self): return self.rate
    @baudrate.setter
    def baudrate(self, rate):
        set_rate(fd, rate)
        self.rate = rate
    break_condition = cts = dsr = ri = cd = False
    lines = {"dtr": False, "rts": False}
    def set_line(self, name, on):
        self.lines[name] = on
        print(json.dumps(self.lines), flush=True)
    dtr = property(lambda self: self.lines["dtr"], lambda self, on: self.set_line("dtr", on))
    rts = property(lambda self: self.lines["rts"], lambda self, on: self.set_line("rts", on))
    def get_settings(self): return {}
    def apply_settings(self, d): pass
    def reset_input_buffer(self): pass
    def reset_output_buffer(self): pass
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(fd)
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(1)
print(server.getsockname()[1], flush=True)
client, _ = server.accept()
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
class Connection:
    def write(self, data): client.sendall(data)
manager = serial.rfc2217.PortManager(Port(), Connection())
while True:
    ready, _, _ = select.select([client, fd], [], [])
    if client in ready:
        try: data = client.recv(4096)
        except ConnectionError: break
        if not data: break
        data = b"".join(manager.filter(data))
        while data: data = data[os.write(fd, data):]
    if fd in ready:
        data = os.read(fd, 4096)
        if not data: break
        client.sendall(b"".join(manager.escape(data)))
`;

/** A real server before a pseudo-terminal. @param onLines what becomes of the lines, which only pyserial's lets one see */
export async function realServer(
  kind: "ser2net" | "pyserial",
  pty: string,
  onLines: (lines: ControlLines) => void = () => undefined,
): Promise<ComPortServer> {
  const folder = mkdtempSync(join(tmpdir(), "beken-rfc2217-"));
  const child = kind === "ser2net" ? await startSer2net(folder, pty) : await startPyserial(folder, pty, onLines);
  return {
    port: child.port,
    drop: () => void child.process.kill("SIGKILL"),
    say: () => assert.fail("a real server says what it likes"),
    async close() {
      if (child.process.exitCode === null && child.process.signalCode === null) {
        child.process.kill("SIGKILL");
        await once(child.process, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Started {
  readonly process: ChildProcess;
  readonly port: number;
}

async function startPyserial(folder: string, pty: string, onLines: (lines: ControlLines) => void): Promise<Started> {
  const script = join(folder, "server.py");
  writeFileSync(script, PYSERIAL);
  const process = spawn(PYTHON ?? "python3", [script, pty], { stdio: ["ignore", "pipe", "inherit"] });
  const said = createInterface({ input: process.stdout });
  const [port] = (await once(said, "line")) as [string];
  said.on("line", (line) => onLines(JSON.parse(line) as ControlLines));
  return { process, port: Number(port) };
}

async function startSer2net(folder: string, pty: string): Promise<Started> {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address() as { readonly port: number };
  await new Promise((resolve) => free.close(resolve));
  const config = join(folder, "ser2net.yaml");
  const lines = [
    "connection: &c",
    `  accepter: telnet(rfc2217),tcp,127.0.0.1,${port}`,
    `  connector: serialdev,${pty},115200n81,local`,
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  const process = spawn("ser2net", ["-n", "-d", "-c", config], { stdio: ["ignore", "ignore", "ignore"] });
  return { process, port };
}
