/** Commands that need a machine: programs to run on it, ports that are known by a name. `machineCommands.web.ts` takes its place in a browser. */
import { targetOfBuild, type BuildTarget } from "../builds/buildTargets";
import type { Build } from "../builds/workspaceBuilds";
import { COMMANDS, type MACHINE_COMMANDS } from "../platform/contributions";
import type { Services } from "../services";
import { buildAndFlash } from "./buildAndFlash";
import { addPort, removePort } from "./choosePort";
import { filesOf, isUri, portOf } from "./commandArguments";
import type { Handler } from "./handler";
import { runEspHomeConfig } from "./runEspHomeConfig";

export function machineCommands(services: Services): Readonly<Record<(typeof MACHINE_COMMANDS)[number], Handler>> {
  return {
    // The view's title passes the row that has the focus, which is not what it is about.
    [COMMANDS.buildAndFlash]: (...args) => buildAndFlash(services, isUri(args[0]) ? args[0] : undefined),
    [COMMANDS.buildAndFlashBuild]: (...args) => buildAndFlash(services, targetOfRow(args[0])),
    [COMMANDS.runEspHomeConfig]: (...args) => runEspHomeConfig(services, filesOf(args)),
    [COMMANDS.addPort]: () => addPort(services),
    [COMMANDS.removePort]: async (...args) => {
      const port = portOf(args[0]);
      if (port !== undefined) await removePort(services, port.portId);
    },
  };
}

/** What a row of the firmware view was built from; where that is not known, the person is asked. */
function targetOfRow(value: unknown): BuildTarget | undefined {
  const build = typeof value === "object" && value !== null && "build" in value ? (value.build as Build) : undefined;
  return build && targetOfBuild(build);
}
