/**
 * The reset of a chip by the bridge it hangs on: an OpenBeken device that serves its UART (driver UartTCP) and has CEN on one of its
 * pins takes console commands over HTTP as Tasmota does, `GET /cm?cmnd=COMMAND` (OpenBK7231T_App, src/httpserver/http_fns.c).
 */
import { CancelledError, type FlasherErrorCode, TransportError } from "../base/errors";
import { TIMING, systemClock } from "../base/timing";
import { words, type Text, type Words } from "../base/words";
import { TRANSPORT_LIMITS } from "./limits";
import type { TcpRef } from "./transport";

const HTTP_PORT = 80;
const NEVER = new AbortController().signal;

/** The console commands of a reset, in their order. */
export function resetCommands({ reset = "" }: Pick<TcpRef, "reset">): readonly string[] {
  return reset
    .split(";")
    .map((command) => command.trim())
    .filter((command) => command !== "");
}

/**
 * Sends the commands one after another, CEN held as long as through a control line. However it goes, the last one, which lets the
 * chip go, is tried. Throws `host-unreachable`, `command-unsupported`, CancelledError.
 */
export async function resetThroughBridge(ref: TcpRef, label: string, signal: AbortSignal): Promise<void> {
  const commands = resetCommands(ref);
  const last = commands.at(-1);
  try {
    for (const [index, command] of commands.entries()) {
      if (index > 0) await systemClock.sleep(TIMING.resetHoldMs, signal);
      await tell(ref, command, label, signal);
    }
  } catch (error) {
    // What went wrong first is what is told.
    if (last !== undefined && commands.length > 1) await tell(ref, last, label, NEVER).catch(() => undefined);
    throw error;
  }
}

async function tell(
  { host, webPort = HTTP_PORT }: TcpRef,
  command: string,
  label: string,
  signal: AbortSignal,
): Promise<void> {
  const doing = words`reset the chip behind ${label} by the command "${command}"`;
  const failed = (code: FlasherErrorCode, detail: Text, cause?: unknown): TransportError =>
    new TransportError(code, doing, { port: label, detail }, { cause });
  const address = `http://${host.includes(":") ? `[${host}]` : host}:${webPort}/cm?cmnd=${encodeURIComponent(command)}`;
  let refusal: Words | undefined;
  try {
    const answer = await fetch(address, {
      // Whatever it leads to, the command was not carried out here.
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TRANSPORT_LIMITS.bridgeCommandMs)]),
    });
    await answer.arrayBuffer();
    refusal = refusalOf(answer);
  } catch (error) {
    if (signal.aborted) throw new CancelledError(doing);
    const { cause } = error as { readonly cause?: unknown };
    const reason = cause instanceof Error && cause.message !== "" ? cause : error;
    throw failed("host-unreachable", reason instanceof Error ? reason.message : String(reason), error);
  }
  if (refusal) throw failed("command-unsupported", refusal);
}

/** A command is answered by status 200 and JSON, or by nothing behind it; a router or a login page answers by other things. */
function refusalOf({ status, headers }: Response): Words | undefined {
  if (status === 401 || status === 403)
    return words`the bridge wants a password, which the address of a port does not hold: take it off there, or reset the chip by hand`;
  if (status !== 200) return words`the bridge answered with HTTP status ${status}`;
  if (/html/i.test(headers.get("content-type") ?? ""))
    return words`a web page came for an answer: at this address and port nothing takes commands`;
  return undefined;
}
