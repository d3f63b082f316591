/**
 * Registers what the editor's language models may use. Before a write the person sees the plan in the dialog or on the plan page that
 * every flash has, and answers there: the editor's own question before a tool can be waved through for good, so nothing rests on it.
 */
import * as vscode from "vscode";
import { wrongArguments } from "../../shared/assistantAnswers";
import { ASSISTANT_TOOLS, argumentProblem, type ToolName } from "../../shared/assistantTools";
import { Owner } from "../platform/disposables";
import type { Services } from "../services";
import { t } from "../text/l10n";
import { answerTool } from "./toolAnswers";

/** What the editor shows while a tool runs. */
function invocationWords(name: ToolName): string {
  switch (name) {
    case "beken_list_devices":
      return t("Looking for ports");
    case "beken_chip_info":
      return t("Asking the chip what it is");
    case "beken_inspect_file":
      return t("Inspecting the file");
    case "beken_find_builds":
      return t("Looking for builds");
    case "beken_flash":
    case "beken_restore":
      return t("Making a plan, which you are asked about before anything is written");
    case "beken_read_log":
      return t("Reading the log");
  }
}

export class LanguageModelTools extends Owner {
  constructor(services: Services) {
    super();
    for (const known of ASSISTANT_TOOLS) {
      const { name } = known;
      const tool: vscode.LanguageModelTool<unknown> = {
        prepareInvocation: () => ({ invocationMessage: invocationWords(name) }),
        invoke: async ({ input }, token) => {
          const problem = argumentProblem(known, typeof input === "object" && input !== null ? { ...input } : {});
          const answer =
            problem === undefined ? await answerTool(services, name, input, token) : wrongArguments(problem);
          return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(answer))]);
        },
      };
      this.register(vscode.lm.registerTool(name, tool));
    }
  }
}
