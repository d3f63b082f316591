/** Which port a command works on. */
import { TransportError, parsePort, surroundings, type PortInfo, type PortRef } from "../../core/index";
import { thisMachine, type Machine } from "./machine";

/** The port that was named, or the only adapter there is. @throws TransportError `port-not-found` where there is a choice */
export async function choosePort(named: string | undefined, { ports }: Machine = thisMachine): Promise<PortRef> {
  if (named !== undefined) return parsePort(named);
  const adapters = (await ports()).filter(({ vendorId }) => vendorId !== undefined);
  const [only] = adapters;
  if (only && adapters.length === 1) return parsePort(only.path);
  const error = new TransportError("port-not-found", "choose a port", {
    detail:
      adapters.length === 0
        ? "no serial adapter is plugged in"
        : `there are several: ${adapters.map(({ path }) => path).join(", ")}; name one with --port`,
  });
  if (adapters.length === 0) error.around = await surroundings(error.code);
  throw error;
}

/** The adapter behind a port, where it is listed. */
export async function adapterAt(port: PortRef, { ports }: Machine): Promise<PortInfo | undefined> {
  if (port.kind !== "serial") return undefined;
  return (await ports()).find(({ path }) => path === port.path);
}
