/** The log of a port of this machine, its lines as the adapter's chip needs them. */
import { PortLog, adapterKey, linesAtRest, type PortRef } from "../../core/index";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { ResetStore } from "../../storage/resetStore";
import { thisMachine, type Machine } from "./machine";
import { adapterAt } from "./namedPort";
import { stateFolder } from "./dataFolders";

export function portLog(port: PortRef, baudRate: number, machine: Machine = thisMachine): PortLog {
  return new PortLog(port, baudRate, {
    ...machine,
    linesAtRest: async (ref) => {
      const key = adapterKey(ref, await adapterAt(ref, machine));
      return linesAtRest(await new ResetStore(nodeFiles, key, stateFolder()).recall(), undefined);
    },
  });
}
