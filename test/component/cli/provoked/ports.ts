/** Failures of ports, links and the host: real devices, real permissions, real sockets. */
import assert from "node:assert/strict";
import { chmodSync, copyFileSync, cpSync, mkdirSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { openTransport } from "../../../../src/core/index";
import { createChip, serveOnPty } from "../../../../src/simulator/index";
import { BEDROOM_RBL } from "../../flash/builds";
import { never } from "../../flash/rig";
import { simulate, type Ended } from "../cli";
import { cli, onChip, put, served, withPtys, type Provocation, type Rows } from "./stage";

/** The user that owns nothing. */
const NOBODY = 65_534;
/** What the serial driver consists of. */
const DRIVER = ["serialport", "@serialport", "debug", "ms", "node-gyp-build", "node-addon-api"];

/** The command line as it is installed elsewhere, readable for everybody; with or without its driver. */
function installed(folder: string, withDriver: boolean): string {
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "dist"));
  copyFileSync(join("dist", "cli.js"), join(folder, "dist", "cli.js"));
  for (const name of withDriver ? DRIVER : [])
    cpSync(join("node_modules", name), join(folder, "node_modules", name), { recursive: true });
  return join(folder, "dist", "cli.js");
}

/** A port that answers in its own way, and one that sends by itself. */
async function against(
  answer: (bytes: Buffer, socket: Socket) => void,
  begin: (socket: Socket) => void = () => undefined,
): Promise<Ended> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => answer(bytes, socket));
    begin(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    return await cli(["info", "--port", `tcp://127.0.0.1:${port}`, "--link-timeout", "0.5"]);
  } finally {
    server.close();
  }
}

/** Bytes that come whether something is sent or not: with it alone they would be crosstalk. */
function babble(socket: Socket): void {
  const timer = setInterval(() => void socket.write(Buffer.from([0x9c, 0xe3, 0x81, 0x5f])), 10);
  socket.on("close", () => clearInterval(timer));
}

/** A chip on a pseudo-terminal of this process. */
async function onPty(work: (port: string) => Promise<Ended>): Promise<Ended> {
  const chip = createChip("bk7231t", { pace: "none", person: "auto" });
  const server = await serveOnPty(chip);
  try {
    return await work(server.port);
  } finally {
    await server.close();
    chip.dispose();
  }
}

const heldByAnother: Provocation = () =>
  onPty(async (path) => {
    const holder = await openTransport({ kind: "serial", path }, { baudRate: 115_200 }, never);
    try {
      return await cli(["info", "--port", path]);
    } finally {
      await holder.close();
    }
  });

const forbidden: Provocation = (folder) =>
  onPty((port) => {
    chmodSync(port, 0);
    const isRoot = process.getuid?.() === 0;
    return cli(["info", "--port", port], undefined, {
      program: installed(folder, true),
      // Nothing is forbidden to root.
      ...(isRoot && { user: NOBODY }),
    });
  });

/** The machine that simulates it goes away, as an adapter does that is pulled out. */
async function goneWhileWriting(): Promise<Ended> {
  const simulator = await simulate("--listen", "pty", "--pace", "real");
  let stopped = false;
  try {
    // The adapter is waited for as long as a person is: here nobody plugs it in again.
    const ended = await cli(["flash", BEDROOM_RBL, "--port", simulator.port, "--link-timeout", 15], (line) => {
      if (stopped || line.type !== "progress" || line.phase !== "write") return;
      stopped = true;
      void simulator.stop();
    });
    assert.equal(ended.last?.flash, "partly-written");
    return ended;
  } finally {
    await simulator.stop();
  }
}

/** An adapter whose driver takes no other speed than the first. */
const ONE_SPEED = `
const { autoDetect } = require(${JSON.stringify(join(process.cwd(), "node_modules", "@serialport", "bindings-cpp"))});
const binding = autoDetect();
const open = binding.open;
binding.open = async (options) => {
  const port = await open.call(binding, options);
  port.update = () => Promise.reject(new Error("Error: Invalid argument, cannot set baud rate"));
  return port;
};
`;

export const PORT_ROWS: Rows<
  | "port-not-found"
  | "port-busy"
  | "port-permission"
  | "port-invalid"
  | "host-unreachable"
  | "serial-driver-missing"
  | "no-link-silence"
  | "no-link-noise"
  | "no-link-echo"
  | "port-lost"
  | "baud-change-failed"
> = {
  "port-not-found": {
    "no such device": () => cli(["info", "--port", process.platform === "win32" ? "COM199" : "/dev/no-such-port"]),
  },
  "port-busy": {
    "a TCP port that somebody listens on": () =>
      served(createChip("bk7231t", { pace: "none" }), (port) =>
        cli(["simulate", "--listen", `tcp:${new URL(port.replace("tcp:", "http:")).port}`]),
      ),
    ...withPtys({ "a serial port that somebody has open": heldByAnother }),
  },
  "port-permission": withPtys({ "a device of another user": forbidden }),
  "port-invalid": {
    "another protocol": () => cli(["info", "--port", "http://host"]),
    "a host without a port": () => cli(["info", "--port", "tcp://host"]),
  },
  "host-unreachable": { "nobody listens": () => cli(["info", "--port", "tcp://127.0.0.1:1"]) },
  "serial-driver-missing": {
    "installed without it": (folder) =>
      cli(["info", "--port", "/dev/ttyUSB0"], undefined, { program: installed(folder, false) }),
  },
  "no-link-silence": { "nothing comes back": () => against(() => undefined) },
  "no-link-noise": {
    "bytes that mean nothing": () => against(() => undefined, babble),
  },
  "no-link-echo": { "what was sent": () => against((bytes, socket) => void socket.write(bytes)) },
  "port-lost": {
    "a serial server that is switched off while reading": (folder) =>
      onChip("bk7231t", { pace: "real" }, ["read", join(folder, "r.bin")], (line, _chip, server) => {
        if (line.type === "progress" && line.phase === "read") void server.close();
      }),
    ...withPtys({ "a terminal that is gone while writing": goneWhileWriting }),
  },
  "baud-change-failed": withPtys({
    "a driver with one speed": (folder) =>
      onPty((port) =>
        cli(["info", "--port", port, "--baud", 460_800], undefined, { require: put(folder, "driver.cjs", ONE_SPEED) }),
      ),
  }),
};
