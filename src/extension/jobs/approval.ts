/** What a job that changes flash asks a person, made part of what is known of the job: it waits, and then goes on. */
import type { Approve, BootloaderConsent, JobRequest } from "../../core/index";
import { changesFlash, type JobSpec } from "./jobSpec";

export interface Approval {
  /** The plan's question; resolves with the person's decision. */
  readonly approve: Approve;
  /** Called when a person is asked something, and when the answer is there. */
  readonly asking: () => void;
  readonly answered: () => void;
}

/**
 * The request of a job that asks before it changes flash; that of any other as it is. A plan after which the device would not
 * start is asked about whatever the settings say, and once.
 */
export function withApproval(spec: JobSpec, request: JobRequest, approval: Approval): JobRequest {
  if (!changesFlash(request)) return request;
  const { asking, answered } = approval;
  let agreed = false;
  const ask: Approve = async (...plan) => {
    asking();
    agreed = await approval.approve(...plan);
    if (agreed) answered();
    return agreed;
  };
  const approve = spec.confirm === true && {
    approve: async (...plan: Parameters<Approve>) => agreed || (await ask(...plan)),
  };
  if (request.kind === "erase") return { ...request, ...approve };
  const bootloader = request.bootloader && { bootloader: waitedFor(request.bootloader, approval) };
  return { ...request, ...approve, ...bootloader, evenIfItCannotStart: ask };
}

function waitedFor(consent: BootloaderConsent, { asking, answered }: Approval): BootloaderConsent {
  return {
    offered: consent.offered === true,
    async confirm(question) {
      asking();
      const typed = await consent.confirm(question);
      answered();
      return typed;
    },
    save: (bytes, chip) => consent.save(bytes, chip),
  };
}
