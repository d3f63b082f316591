/** The MCP server of the built program, driven by the protocol's own client over a child process, on a simulated chip. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { ASSISTANT_TOOLS } from "../../../src/shared/assistantTools";
import { Approvals } from "../../../src/cli/jobs/approvals";
import { nodeFiles } from "../../../src/storage/nodeFileSystem";
import { BEDROOM_RBL, BUILDS } from "../flash/builds";
import { itWithPtys } from "../ptys";
import { homeFolder, run, stateFolder, withFolder, withSimulator } from "./cli";
import { atTerminal } from "./terminal";

type Answer = Readonly<Record<string, unknown>>;

/** How the person answers what the client shows them; undefined: the client can show nothing. */
type Person = ((message: string) => object) | undefined;

interface Session {
  readonly call: (name: string, args?: Readonly<Record<string, unknown>>) => Promise<Answer>;
  readonly client: Client;
}

/** Of an answer that waits for a yes at a terminal. */
function codeIn(answer: Answer): string {
  assert.equal(answer["code"], "approval-missing", JSON.stringify(answer));
  return String(answer["approve"]).split(" ").at(-1) ?? "";
}

async function withClient(person: Person, work: (session: Session) => Promise<void>): Promise<void> {
  const env = { ...process.env, XDG_STATE_HOME: stateFolder, HOME: homeFolder, USERPROFILE: homeFolder };
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ["dist/cli.js", "mcp"],
    env: env,
  });
  const client = new Client({ name: "test", version: "1" }, { capabilities: person ? { elicitation: {} } : {} });
  if (person)
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => person(params.message) as { action: "accept" });
  await client.connect(transport);
  try {
    await work({
      client,
      async call(name, args = {}) {
        const { content } = await client.callTool({ name, arguments: args }, undefined, { timeout: 90_000 });
        const [part] = content as readonly { readonly text: string }[];
        return JSON.parse(part?.text ?? "") as Answer;
      },
    });
  } finally {
    await client.close();
  }
}

/** Lines of JSON over the program's own pipes, and nothing of the SDK. */
class RawClient {
  lastId = 0;
  private readonly server = spawn(process.execPath, ["dist/cli.js", "mcp"], {
    env: { ...process.env, XDG_STATE_HOME: stateFolder, HOME: homeFolder, USERPROFILE: homeFolder },
    stdio: ["pipe", "pipe", "inherit"],
  });
  private readonly messages: Answer[] = [];
  private readonly lines = createInterface(this.server.stdout).on("line", (line) => {
    this.messages.push(JSON.parse(line) as Answer);
    this.server.emit("heard");
  });

  write(line: string): void {
    this.server.stdin.write(`${line}\n`);
  }

  send(message: object): void {
    this.write(JSON.stringify(message));
  }

  async heard(is: (message: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const found = this.messages.find(is);
      if (found !== undefined) return found;
      await once(this.server, "heard");
    }
  }

  async request(method: string, params: object): Promise<Answer> {
    const id = ++this.lastId;
    this.send({ jsonrpc: "2.0", id, method, params });
    return await this.heard((message) => message["id"] === id && message["method"] === undefined);
  }

  /** Goes away as a client that crashes; resolves with how the server ended. */
  async end(): Promise<number | null> {
    const exited = once(this.server, "exit") as Promise<[number | null]>;
    this.server.stdin.end();
    this.lines.close();
    return (await exited)[0];
  }
}

function answerIn({ result }: Answer): Answer {
  const { content } = result as { readonly content: readonly { readonly text: string }[] };
  return JSON.parse(content[0]?.text ?? "") as Answer;
}

describe("MCP server", () => {
  const chip = (args: readonly string[], work: (port: string, folder: string) => Promise<void>): Promise<unknown> =>
    withFolder(async (folder) => {
      const saved = join(folder, "chip.bin");
      await withSimulator(["--chip", "bk7231t", "--listen", "tcp:0", "--save", saved, ...args], ({ port }) =>
        work(port, folder),
      );
    });

  it("names its tools, and tells what writes", async () => {
    await withClient(undefined, async ({ client, call }) => {
      const { tools } = await client.listTools();
      assert.deepEqual(
        tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint]),
        ASSISTANT_TOOLS.map(({ name, writes }) => [name, !writes]),
      );
      assert.deepEqual(Object.keys(await call("beken_list_devices")), ["devices"]);
      assert.equal((await call("beken_no_such_tool"))["code"], "unknown-tool");
    });
  });

  it("tells chip, files and builds, without MAC addresses and secrets", async () => {
    await chip([], async (port, folder) => {
      const backup = join(folder, "backup.bin");
      await run("backup", backup, "--port", port);
      await withClient(undefined, async ({ call }) => {
        const info = await call("beken_chip_info", { port });
        assert.equal((info["chip"] as Answer)["chip"], "bk7231t", JSON.stringify(info));
        const inspected = await call("beken_inspect_file", { file: backup });
        assert.equal((inspected["image"] as Answer)["format"], "full-dump", JSON.stringify(inspected));
        assert.doesNotMatch(JSON.stringify([info, inspected]), /([0-9a-f]{2}[:-]){5}[0-9a-f]{2}/i);
        const { builds } = await call("beken_find_builds", { folder: join(BUILDS.hall, "..", "..") });
        const files = (builds as readonly Answer[]).map(({ flash }) => String(flash));
        assert.ok(files.length > 0 && files.every((file) => readFileSync(file).length > 0), JSON.stringify(builds));
        const nowhere = await call("beken_find_builds", { folder: join(folder, "gone") });
        assert.deepEqual([nowhere["ok"], nowhere["code"]], [false, "file-not-found"]);
        assert.equal((await call("beken_find_builds", { folder: backup }))["code"], "file-access");
        assert.equal((await call("beken_chip_info", { port: "tcp://127.0.0.1:1" }))["code"], "host-unreachable");
      });
    });
  });

  it("asks the person through the client: nothing is written after a no or a dismissed question, and everything proven after a yes", async () => {
    await chip([], async (port) => {
      const asked: string[] = [];
      const answers: object[] = [
        { action: "decline" },
        { action: "cancel" },
        { action: "accept", content: { write: false } },
        { action: "accept", content: { write: true } },
      ];
      const person = (message: string): object => {
        asked.push(message);
        return answers.shift() ?? assert.fail("asked too often");
      };
      await withClient(person, async ({ call }) => {
        for (let i = 0; i < 3; i++) {
          const refused = await call("beken_flash", { file: BEDROOM_RBL, port, write: true, approved: true });
          assert.deepEqual([refused["code"], refused["flash"]], ["cancelled", "untouched"], JSON.stringify(refused));
        }
        const done = await call("beken_flash", { file: BEDROOM_RBL, port });
        assert.deepEqual([done["ok"], done["verified"]], [true, true], JSON.stringify(done));
        assert.equal(asked.length, 4);
        assert.match(asked[0] ?? "", /bedroom|image_bk7231t[\s\S]*erase[\s\S]*First a backup of all/i);
      });
    });
  });

  it("refuses a write without a yes, and no program can give it: not by arguments, not without a terminal", async () => {
    await chip([], async (port) => {
      await withClient(undefined, async ({ call }) => {
        const refused = await call("beken_flash", { file: BEDROOM_RBL, port });
        assert.deepEqual([refused["ok"], refused["code"], refused["flash"]], [false, "approval-missing", "untouched"]);
        assert.match(JSON.stringify(refused["plan"]), /erase/);
        const code = codeIn(refused);
        const alone = await run("approve", code, "--json");
        assert.deepEqual([alone.code, alone.last?.["code"]], [1, "approval-missing"]);
        const again = await call("beken_flash", { file: BEDROOM_RBL, port, confirmation: code, approve: code });
        assert.deepEqual([again["code"], again["flash"]], ["approval-missing", "untouched"]);
        assert.equal((await run("verify", BEDROOM_RBL, "--port", port)).code, 1);
      });
    });
  });

  itWithPtys("writes what a person approved at a terminal, that and nothing else, once; and restores", async () => {
    await chip([], async (port, folder) => {
      const backup = join(folder, "backup.bin");
      await run("backup", backup, "--port", port);
      await withClient(undefined, async ({ call }) => {
        const waiting = await call("beken_flash", { file: BEDROOM_RBL, port });
        const code = codeIn(waiting);
        const no = await atTerminal(["approve", code], [["[y/N]", "n"]]);
        assert.equal(no.code, 1, no.text);
        const newer = codeIn(await call("beken_flash", { file: BEDROOM_RBL, port }));
        assert.notEqual(newer, code, "a code counts for one question");
        const yes = await atTerminal(["approve", newer], [["[y/N]", "y"]]);
        assert.equal(yes.code, 0, yes.text);
        assert.match(yes.text, /erase/);
        // Another plan cannot make use of it.
        assert.equal((await call("beken_restore", { file: backup, port }))["code"], "approval-missing");
        const done = await call("beken_flash", { file: BEDROOM_RBL, port });
        assert.deepEqual([done["ok"], done["verified"]], [true, true], JSON.stringify(done));
        assert.equal((await run("verify", BEDROOM_RBL, "--port", port)).code, 0);
        const restore = await call("beken_restore", { file: backup, port });
        assert.equal(restore["code"], "approval-missing", "used up");
        await atTerminal(["approve", codeIn(restore)], [["[y/N]", "y"]]);
        const back = await call("beken_restore", { file: backup, port });
        assert.deepEqual([back["ok"], back["verified"]], [true, true], JSON.stringify(back));
      });
      assert.equal((await run("verify", backup, "--port", port)).code, 0);
    });
  });

  it("holds its own against a client that is none of the SDK's: broken lines, wrong arguments, questions it cannot ask or takes back, and its end", async () => {
    await chip([], async (port) => {
      const client = new RawClient();
      await client.request("initialize", {
        protocolVersion: "2025-06-18",
        capabilities: { elicitation: {} },
        clientInfo: { name: "raw", version: "0" },
      });
      for (const line of ["{not json", "", "null", "[]", '{"jsonrpc":"2.0","id":77}']) client.write(line);
      client.send({ jsonrpc: "2.0", method: "notifications/initialized" });
      const flash = (args: object): Promise<Answer> =>
        client.request("tools/call", { name: "beken_flash", arguments: { port, file: BEDROOM_RBL, ...args } });
      for (const args of [{ file: null }, { file: "" }, { file: 12 }, { at: "0x11000" }, { at: 1.5 }, { at: -1 }])
        assert.equal(answerIn(await flash(args))["code"], "wrong-arguments", JSON.stringify(args));
      assert.equal((await client.request("tools/call", { name: "beken_flash", arguments: [1] }))["result"], undefined);

      const refused = flash({});
      const question = await client.heard(({ method }) => method === "elicitation/create");
      client.send({ jsonrpc: "2.0", id: question["id"], error: { code: -32_601, message: "Method not found" } });
      assert.deepEqual(
        [answerIn(await refused)["code"], answerIn(await refused)["flash"]],
        ["approval-missing", "untouched"],
      );

      const given = client.lastId + 1;
      void flash({});
      const second = await client.heard(({ method, id }) => method === "elicitation/create" && id !== question["id"]);
      client.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: given } });
      await client.heard(({ method }) => method === "notifications/cancelled");
      client.send({ jsonrpc: "2.0", id: second["id"], result: { action: "accept", content: { write: true } } });
      const info = answerIn(await client.request("tools/call", { name: "beken_chip_info", arguments: { port } }));
      assert.equal(info["ok"], true, JSON.stringify(info));
      assert.equal((await run("verify", BEDROOM_RBL, "--port", port)).code, 1, "a yes to a question taken back");

      void flash({});
      await client.heard(({ method, id }) => method === "elicitation/create" && Number(id) > Number(second["id"]));
      assert.equal(await client.end(), 0);
      assert.equal((await run("verify", BEDROOM_RBL, "--port", port)).code, 1, "nobody said yes");
    });
  });

  it("reads a log until it is clear what runs", async () => {
    await chip(["--log", "tcp:0", "--firmware", "libretiny"], async (port) => {
      await withClient(undefined, async ({ call }) => {
        const log = await call("beken_read_log", { port, seconds: 1 });
        assert.equal(typeof log["verdict"], "string", JSON.stringify(log));
      });
    });
  });
});

describe("plans that wait for a yes", () => {
  const MARK = "0".repeat(64);

  it("are over after ten minutes, asked for anew, and gone where they cannot be read", async () => {
    await withFolder(async (folder) => {
      let now = 0;
      const approvals = new Approvals(nodeFiles, folder, () => now);
      const first = await approvals.ask(MARK, ["line"]);
      const plan = (await approvals.find(first.toLowerCase())) ?? assert.fail("not found");
      assert.equal(await approvals.take(MARK), false, "nobody has said yes");
      await approvals.approve(plan);
      assert.equal(await approvals.take("1".repeat(64)), false, "another plan");
      now = 10 * 60_000 + 1;
      assert.equal(await approvals.take(MARK), false, "too late");
      assert.deepEqual(readdirSync(folder), []);
      const second = await approvals.ask(MARK, ["line"]);
      const third = await approvals.ask(MARK, ["line"]);
      assert.equal(await approvals.find(second), undefined);
      await approvals.approve((await approvals.find(third)) ?? assert.fail());
      assert.deepEqual([await approvals.take(MARK), await approvals.take(MARK)], [true, false]);
      writeFileSync(join(folder, "AAAA-BBBB.json"), "{");
      assert.equal(await approvals.find("AAAA-BBBB"), undefined);
      assert.deepEqual(readdirSync(folder), []);
    });
  });
});
