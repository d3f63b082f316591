/** The walkthrough of the editor's own welcome page, whatever that page shows already. */
import * as vscode from "vscode";

/** By the position of a group; there are no more that have a command. */
const FOCUS_GROUP = ["First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth"] as const;

/**
 * While a walkthrough with a chosen step is in front of any group, the editor's command for another one does nothing (VS Code
 * 1.100). So that page is first taken back to its list, which does nothing in any other editor.
 * @param id `publisher.extension#walkthrough`
 */
export async function openWalkthrough(id: string): Promise<void> {
  const { all, activeTabGroup } = vscode.window.tabGroups;
  // Editors that extensions know nothing of have tabs without an input. The group in front comes last, and stays in front.
  const groups = [...all.filter((group) => group !== activeTabGroup), activeTabGroup].filter(
    ({ activeTab }) => activeTab !== undefined && activeTab.input === undefined,
  );
  for (const group of groups) {
    const position = FOCUS_GROUP[group.viewColumn - 1];
    if (position === undefined) continue;
    await vscode.commands.executeCommand(`workbench.action.focus${position}EditorGroup`);
    await vscode.commands.executeCommand("welcome.goBack");
  }
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", id, false);
}
