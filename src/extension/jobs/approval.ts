/** What a job that changes flash asks a person, made part of what is known of the job: it waits, and then goes on. */
import type { Approve, AskDoubt, BootloaderConsent, DoubtConsent, JobRequest } from "../../core/index";
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
  const { bootloader, doubts } = request;
  return {
    ...request,
    ...approve,
    evenIfItCannotStart: ask,
    ...(bootloader && { bootloader: waitedFor(bootloader, approval) }),
    ...(doubts && { doubts: doubtsWaitedFor(doubts, approval) }),
  };
}

function doubtsWaitedFor(doubts: DoubtConsent, { asking, answered }: Approval): DoubtConsent {
  const waited = (consent: boolean | AskDoubt | undefined): boolean | AskDoubt =>
    typeof consent !== "function"
      ? consent === true
      : async (...doubt) => {
          asking();
          const yes = await consent(...doubt);
          if (yes) answered();
          return yes;
        };
  return { evenIfChipUnknown: waited(doubts.evenIfChipUnknown), evenIfDamaged: waited(doubts.evenIfDamaged) };
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
