/** What a job that changes flash asks a person, made part of what is known of the job: it waits, and then goes on. */
import type { Approve, AskDoubt, BootloaderConsent, JobHooks } from "../../core/index";
import { changesFlash, type JobSpec } from "./jobSpec";

export interface Approval {
  /** The plan's question; resolves with the person's decision. */
  readonly approve: Approve;
  /** Called when a person is asked something, and when the answer is there. */
  readonly asking: () => void;
  readonly answered: () => void;
}

/**
 * What a job that changes flash asks; of any other, as it is. A plan after which the device would not start is asked about whatever the
 * settings say, and once. That a backup is damaged stands in the question about its plan, where there is one.
 */
export function withApproval({ request, confirm }: JobSpec, hooks: JobHooks, approval: Approval): JobHooks {
  if (!changesFlash(request)) return hooks;
  const { asking, answered } = approval;
  let agreed = false;
  const ask: Approve = async (...plan) => {
    asking();
    agreed = await approval.approve(...plan);
    if (agreed) answered();
    return agreed;
  };
  const approve = confirm === true && {
    approve: async (...plan: Parameters<Approve>) => agreed || (await ask(...plan)),
  };
  const { bootloader, askDoubt } = hooks;
  return {
    ...hooks,
    ...approve,
    askStart: ask,
    ...(bootloader && { bootloader: waitedFor(bootloader, approval) }),
    ...(askDoubt && { askDoubt: doubtWaitedFor(askDoubt, approval, request.kind === "restore" && confirm === true) }),
  };
}

function doubtWaitedFor(askDoubt: AskDoubt, { asking, answered }: Approval, inPlan: boolean): AskDoubt {
  return async (doubt, chip) => {
    if (inPlan && doubt.code === "backup-unsound") return true;
    asking();
    const yes = await askDoubt(doubt, chip);
    if (yes) answered();
    return yes;
  };
}

function waitedFor(consent: BootloaderConsent, { asking, answered }: Approval): BootloaderConsent {
  return {
    async confirm(question) {
      asking();
      const typed = await consent.confirm(question);
      answered();
      return typed;
    },
    save: (bytes, chip) => consent.save(bytes, chip),
  };
}
