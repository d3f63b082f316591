/** The commands that may come out of a webview, by name. What they do is the host's business. */

/** Commands a dashboard may run; the host puts its prefix before them. */
export const DASHBOARD_COMMANDS = [
  "flashFile",
  "flashLatestBuild",
  "showChipInfo",
  "copyEspHomeConfiguration",
  "backUpFlash",
  "readRange",
  "verifyFile",
  "eraseRange",
  "restoreBackup",
  "bringBackBootCode",
  "rebootDevice",
  "openMonitor",
  "inspectImage",
  "selectPort",
  "selectBaudRate",
  "addPort",
  "startPracticeDevice",
  "showLog",
  "copyDiagnostics",
  "openWalkthrough",
] as const;

export type DashboardCommand = (typeof DASHBOARD_COMMANDS)[number];
