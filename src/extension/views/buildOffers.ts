/** Offers to flash a build that was just made while a device is selected. Asks once per build, and only then. */
import type * as vscode from "vscode";
import type { Build, Builds } from "../builds/workspaceBuilds";
import type { PortArgument } from "../platform/contributions";
import { Owner } from "../platform/disposables";
import type { JobService } from "../jobs/jobService";
import { t } from "../text/l10n";
import { inform } from "../platform/shownMessages";
import type { PortRegistry } from "../ports/portRegistry";
import type { Settings } from "../platform/settings";

export class BuildOffers extends Owner {
  private open = false;

  constructor(
    builds: Pick<Builds, "onDidBuild">,
    private readonly ports: PortRegistry,
    private readonly jobs: JobService,
    private readonly settings: Settings,
    private readonly flash: (uri: vscode.Uri, port: PortArgument) => Promise<unknown>,
  ) {
    super();
    this.register(builds.onDidBuild((build) => void this.offer(build)));
  }

  private async offer({ project, recommended }: Build): Promise<void> {
    if (this.open || !this.settings.offerFlashAfterBuild || recommended === undefined) return;
    if (this.ports.selectedId === undefined) return;
    this.open = true;
    try {
      // The list may be older than its being plugged in, or pulled out.
      await this.ports.refresh();
      const port = this.ports.selected;
      if (port === undefined || this.jobs.runningOn(port.id) !== undefined) return;
      const flash = t("Flash");
      const never = t("Don't Ask Again");
      const what = project.chip === undefined ? project.name : `${project.name} (${project.chip})`;
      const answer = await inform(t("{0} was built. Flash it to {1}?", what, port.label), flash, never);
      if (answer === flash) await this.flash(recommended.uri, { portId: port.id });
      else if (answer === never) await this.settings.update("offerFlashAfterBuild", false);
    } finally {
      this.open = false;
    }
  }
}
