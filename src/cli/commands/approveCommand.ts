/** The person's yes to a plan that an assistant has asked for: read and answered at a terminal. */
import { OperationError } from "../../core/index";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { Approvals } from "../jobs/approvals";
import { approvalsFolder } from "../jobs/dataFolders";
import { askYesNo } from "../terminal/ask";
import type { Output } from "../terminal/output";

/** @throws OperationError `approval-missing` where no person is at the terminal, or there is nothing to say yes to */
export async function approve(code: string, output: Output): Promise<void> {
  if (!output.isInteractive) throw missing(`nobody is at a terminal to answer for ${code}`);
  const approvals = new Approvals(nodeFiles, approvalsFolder());
  const plan = await approvals.find(code);
  if (plan === undefined) throw missing(`no plan waits under ${code}`);
  output.facts(plan.lines, { type: "plan", lines: plan.lines });
  if (!(await askYesNo("Carry out this plan?"))) throw missing("the answer was no");
  await approvals.approve(plan);
  output.result(["Approved, once and for ten minutes. Tell the assistant to go on."], { command: "approve" });
}

function missing(detail: string): OperationError {
  return new OperationError("approval-missing", "approve the plan", { detail });
}
