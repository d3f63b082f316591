// An extension that uses Beken Flasher's interface: picks a device, flashes a file after the person's yes, and watches it start.
// The types are in Beken Flasher's folder, as api/index.d.ts.
"use strict";

const vscode = require("vscode");

/** @returns {Promise<import("../../api/index").BekenFlasherApi>} */
async function bekenFlasher() {
  const extension = vscode.extensions.getExtension("beken-flasher.beken-flasher");
  if (extension === undefined) throw new Error("Beken Flasher is not installed");
  const { getApi } = await extension.activate();
  return getApi(1);
}

/**
 * Resolves with what the log says of the firmware, or with how the flash ended where it did not succeed.
 * @param {import("../../api/index").FileOnDevice} what
 */
async function flashAndWatch(what) {
  const beken = await bekenFlasher();
  const monitor = beken.monitor(what.port);
  if (monitor === undefined) return "no such port";
  try {
    // Listened to from before the flash: its first start is part of the log.
    const verdict = new Promise((resolve) => monitor.onVerdict((kind) => kind === "running" && resolve(kind)));
    const { status } = await beken.flash(what);
    return status === "succeeded" ? await verdict : status;
  } finally {
    monitor.dispose();
  }
}

function activate(context) {
  const command = vscode.commands.registerCommand("apiClient.flashAndWatch", async () => {
    const beken = await bekenFlasher();
    const devices = await beken.devices();
    const device = await vscode.window.showQuickPick(devices.map(({ label, port }) => ({ label, port })));
    const [file] = (await vscode.window.showOpenDialog({ canSelectMany: false })) ?? [];
    if (device === undefined || file === undefined) return;
    const ended = await flashAndWatch({ port: device.port, file: file.toString() });
    void vscode.window.showInformationMessage(`${device.label}: ${ended}`);
  });
  context.subscriptions.push(command);
}

module.exports = { activate, bekenFlasher, flashAndWatch };
