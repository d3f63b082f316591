/** What of a machine commands reach a chip through: its ports, the lines they open, its clock. Given by whoever starts the command line. */
import { listPorts, openTransport, portFinder, systemClock, type PortInfo, type SessionDeps } from "../../core/index";

export interface Machine extends Pick<SessionDeps, "open" | "clock"> {
  readonly ports: () => Promise<readonly PortInfo[]>;
  readonly finder: NonNullable<SessionDeps["finder"]>;
}

export const thisMachine: Machine = {
  open: openTransport,
  clock: systemClock,
  ports: listPorts,
  finder: portFinder(),
};
