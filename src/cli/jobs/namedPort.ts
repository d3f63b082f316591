/** Which port a command works on. */
import { TransportError, listPorts, parsePort, type PortRef } from "../../core/index";

/** The port that was named, or the only adapter there is. @throws TransportError `port-not-found` where there is a choice */
export async function choosePort(named: string | undefined): Promise<PortRef> {
  if (named !== undefined) return parsePort(named);
  const adapters = (await listPorts()).filter(({ vendorId }) => vendorId !== undefined);
  const [only] = adapters;
  if (only && adapters.length === 1) return parsePort(only.path);
  throw new TransportError("port-not-found", "choose a port", {
    detail:
      adapters.length === 0
        ? "no serial adapter is plugged in"
        : `there are several: ${adapters.map(({ path }) => path).join(", ")}; name one with --port`,
  });
}
