/** Which side of a remote window the extension runs on: there are the ports. Pure but for the language. */
import { surroundingSteps } from "../../core/index";
import { t } from "../text/l10n";

/** How the editor's kinds of remote windows are called; others go by the editor's own name. */
const REMOTES: Readonly<Record<string, string>> = {
  "ssh-remote": "SSH",
  wsl: "WSL",
  codespaces: "GitHub Codespaces",
  "dev-container": "Dev Container",
  "attached-container": "Dev Container",
  tunnel: "Remote Tunnel",
};

/**
 * What to do where the ports are not this computer's; empty where they are, as in a remote window whose extensions run here.
 * @param remoteName as the editor has it; undefined without a remote @param isThere the extension runs on the other side
 */
export function otherSide(remoteName: string | undefined, isThere: boolean): readonly string[] {
  if (remoteName === undefined || !isThere) return [];
  return surroundingSteps([{ kind: "other-side", values: [REMOTES[remoteName] ?? remoteName] }], t);
}
