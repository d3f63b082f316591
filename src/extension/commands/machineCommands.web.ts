/** In a browser no program can be run, and ports have no names to add: there are no such commands, and the manifest shows none. */
export function machineCommands(): Readonly<Record<string, never>> {
  return {};
}
