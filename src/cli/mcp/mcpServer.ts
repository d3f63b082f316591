/**
 * The MCP server over standard input and output: the tools of assistantTools.ts for whatever client has started it. One call to a
 * chip at a time. Ends with its client.
 */
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { CallToolRequestSchema, ListToolsRequestSchema, type CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { wrongArguments } from "../../shared/assistantAnswers";
import { ASSISTANT_TOOLS, argumentProblem } from "../../shared/assistantTools";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { version } from "../../../package.json";
import { Approvals } from "../jobs/approvals";
import { approvalsFolder } from "../jobs/dataFolders";
import type { Machine } from "../jobs/machine";
import { interrupted } from "../terminal/interrupt";
import type { AskPerson } from "./consent";
import { answerCall } from "./mcpTools";

const INSTRUCTIONS =
  "Flashes Beken BK72xx Wi-Fi chips over a serial port. Look before you write: inspect the file, ask the chip what it is. A write needs the person's own yes to the plan; you cannot give it.";
/** A person reads the plan, and may have to look for the device. */
const ANSWER_WITHIN_MS = 15 * 60_000;
/** Clients give up on calls that they hear nothing of. */
const PROGRESS_EVERY_MS = 5_000;

/** Resolves when the client is gone, or on Ctrl-C, with everything that was under way ended. */
export async function serveMcp(machine: Machine): Promise<void> {
  const mcp = new McpServer(
    { name: "beken-flasher", version },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  const { server } = mcp;
  const approvals = new Approvals(nodeFiles, approvalsFolder());
  const gone = new AbortController();
  let last: Promise<unknown> = Promise.resolve();

  /** A client that says it can ask and then cannot has asked nobody: the yes is waited for elsewhere. */
  const asking =
    (signal: AbortSignal): AskPerson =>
    async (lines) => {
      try {
        const { action, content } = await server.elicitInput(
          {
            message: [...lines, "", "Write this to the chip?"].join("\n"),
            requestedSchema: {
              type: "object",
              properties: { write: { type: "boolean", title: "Yes, write it to the chip", default: false } },
              required: ["write"],
            },
          },
          { timeout: ANSWER_WITHIN_MS, signal },
        );
        return action === "accept" && content?.["write"] === true;
      } catch {
        return signal.aborted ? false : undefined;
      }
    };

  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: ASSISTANT_TOOLS.map(({ name, title, description, input, writes }) => ({
      name,
      title,
      description,
      inputSchema: { ...input, required: [...(input.required ?? [])] },
      annotations: { title, readOnlyHint: !writes, destructiveHint: writes, openWorldHint: false },
    })),
  }));

  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra): Promise<CallToolResult> => {
    const tool = ASSISTANT_TOOLS.find(({ name }) => name === params.name);
    if (tool === undefined) return answered({ ok: false, code: "unknown-tool" });
    const input = params.arguments ?? {};
    const problem = argumentProblem(tool, input);
    if (problem !== undefined) return answered(wrongArguments(problem));
    const token = extra._meta?.progressToken;
    const signal = AbortSignal.any([interrupted, gone.signal, extra.signal]);
    let doing = tool.title;
    let told = 0;
    const tell = (): void => {
      if (token === undefined) return;
      const progress = { progressToken: token, progress: ++told, message: doing };
      // A client that is gone hears nothing; its call ends by itself.
      extra.sendNotification({ method: "notifications/progress", params: progress }).catch(() => undefined);
    };
    const timer = setInterval(tell, PROGRESS_EVERY_MS);
    const call = last.then(() =>
      answerCall(tool.name, {
        input,
        signal,
        progress: (now) => {
          if (now === doing) return;
          doing = now;
          tell();
        },
        askPerson: server.getClientCapabilities()?.elicitation === undefined ? undefined : asking(signal),
        machine,
        approvals,
      }),
    );
    last = call;
    try {
      return answered(await call);
    } finally {
      clearInterval(timer);
    }
  });

  const closed = new Promise<void>((resolve) => {
    server.onclose = resolve;
    process.stdin.once("end", resolve);
    interrupted.addEventListener("abort", () => resolve());
  });
  await mcp.connect(new StdioServerTransport());
  await closed;
  gone.abort();
  await last;
  await mcp.close();
}

function answered(answer: unknown): CallToolResult {
  const structuredContent = answer as Record<string, unknown>;
  const isError = structuredContent["ok"] === false;
  return { content: [{ type: "text", text: JSON.stringify(answer, null, 1) }], structuredContent, isError };
}
