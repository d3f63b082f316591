/** Holds package.json to contributions.ts: ids, defaults, bounds, texts in every language, files, and what menus offer when. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import {
  ARGUMENT_COMMANDS,
  COMMANDS,
  CONTEXT_KEYS,
  IMAGE_EDITOR,
  ITEM_CONTEXT,
  MACHINE_COMMANDS,
  OPTIONAL_IMAGE_EDITOR,
  RESTRICTED_SETTINGS,
  ROW_COMMANDS,
  SETTING_BOUNDS,
  SETTING_DEFAULTS,
  VIEWS,
  VIEW_CONTAINER,
  WALKTHROUGH,
  type SettingName,
} from "../../../src/extension/platform/contributions";
import { ASSISTANT_TOOLS } from "../../../src/shared/assistantTools";
import { OWN, TRANSLATIONS, manifestTextsOf } from "../../languages";
import { evaluate, type Context } from "./whenClause";

interface MenuItem {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}

interface Manifest {
  readonly icon: string;
  readonly main: string;
  readonly activationEvents: readonly string[];
  readonly extensionKind: readonly string[];
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
      readonly icon?: string;
      readonly enablement?: string;
    }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly viewsContainers: { readonly activitybar: readonly { readonly id: string; readonly icon: string }[] };
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string; readonly when: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
    readonly customEditors: readonly {
      readonly viewType: string;
      readonly priority: string;
      readonly selector: readonly { readonly filenamePattern: string }[];
    }[];
    readonly languageModelTools: readonly {
      readonly name: string;
      readonly toolReferenceName: string;
      readonly displayName: string;
      readonly modelDescription: string;
      readonly inputSchema: unknown;
    }[];
    readonly walkthroughs: readonly {
      readonly id: string;
      readonly steps: readonly {
        readonly id: string;
        readonly completionEvents: readonly string[];
        readonly media: { readonly svg: string };
      }[];
    }[];
  };
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
const manifest = readJson("package.json") as Manifest;
const english = manifestTextsOf(OWN.id);
const { contributes } = manifest;

const sorted = (values: readonly string[]): readonly string[] => [...values].sort();
const allMenuItems = Object.values(contributes.menus).flat();
const inEvery = (menu: string): readonly string[] => (contributes.menus[menu] ?? []).map(({ command }) => command);
const inMenu = (menu: string, context: Context): readonly string[] =>
  (contributes.menus[menu] ?? [])
    .filter(({ when }) => when === undefined || evaluate(when, context).holds)
    .map(({ command }) => command);

describe("manifest", () => {
  it("contributes exactly the commands of the code, with titles that are verbs and one category", () => {
    assert.deepEqual(sorted(contributes.commands.map(({ command }) => command)), sorted(Object.values(COMMANDS)));
    for (const { category, title } of contributes.commands) {
      assert.equal(category, "Beken");
      assert.match(
        english[title.slice(1, -1)] ?? "",
        /^(Flash|Show|Back|Bring|Read|Verify|Erase|Restore|Reboot|Inspect|Select|Add|Start|Stop|Open|Copy|Create|Check|Run|Refresh|Use|Remove|Rename|Resume|Dismiss|Compare|Delete|Build|Filter|Forget)\b/,
      );
    }
  });

  it("hides from the palette exactly the commands that need an argument", () => {
    const hidden = (contributes.menus["commandPalette"] ?? [])
      .filter(({ when }) => when === "false")
      .map(({ command }) => command);
    assert.deepEqual(sorted(hidden), sorted(ARGUMENT_COMMANDS));
  });

  it("knows the commands that come with a row: those of rows, but for one that a view's title has, too", () => {
    const commandsIn = (menu: string): readonly string[] => [...new Set(inEvery(menu))];
    const inTitles = commandsIn("view/title");
    const ofRows = commandsIn("view/item/context").filter((command) => !inTitles.includes(command));
    assert.deepEqual(sorted(ofRows), sorted(ROW_COMMANDS));
    const inBoth = commandsIn("view/item/context").filter((command) => inTitles.includes(command));
    assert.deepEqual(inBoth, [COMMANDS.stopPracticeDevice], "nothing real is lost where it stops another one");
  });

  it("names views, container, editors and walkthrough as the code does", () => {
    assert.deepEqual(
      contributes.viewsContainers.activitybar.map(({ id }) => id),
      [VIEW_CONTAINER],
    );
    assert.deepEqual(
      sorted((contributes.views[VIEW_CONTAINER] ?? []).map(({ id }) => id)),
      sorted(Object.values(VIEWS)),
    );
    assert.deepEqual(
      contributes.customEditors.map(({ viewType }) => viewType),
      [IMAGE_EDITOR, OPTIONAL_IMAGE_EDITOR],
    );
    assert.deepEqual(
      contributes.customEditors.map(({ priority }) => priority),
      ["default", "option"],
    );
    assert.deepEqual(
      contributes.walkthroughs.map(({ id }) => id),
      [WALKTHROUGH],
    );
    assert.deepEqual(manifest.activationEvents[0], "onWebviewPanel:beken.dashboard");
  });

  it("has the settings of the code, with their defaults and bounds, described, scoped and ordered", () => {
    const properties = contributes.configuration.properties;
    const names = Object.keys(SETTING_DEFAULTS) as SettingName[];
    assert.deepEqual(sorted(Object.keys(properties)), sorted(names.map((name) => `beken.${name}`)));
    for (const name of names) {
      const property = properties[`beken.${name}`] ?? {};
      assert.deepEqual(property["default"], SETTING_DEFAULTS[name], name);
      assert.ok(typeof property["scope"] === "string" && typeof property["order"] === "number", name);
      assert.ok(typeof property["markdownDescription"] === "string", name);
    }
    for (const name of ["linkTimeout", "keepLinked"] as const) {
      const { minimum, maximum } = properties[`beken.${name}`] ?? {};
      assert.deepEqual({ minimum, maximum }, SETTING_BOUNDS[name]);
    }
    assert.deepEqual(
      manifest.capabilities.untrustedWorkspaces.restrictedConfigurations,
      RESTRICTED_SETTINGS.map((name) => `beken.${name}`),
    );
  });

  it("takes from a workspace that nobody trusts nothing that guards devices, acts on them, or names places", () => {
    assert.deepEqual(sorted(RESTRICTED_SETTINGS), [
      "autoReset",
      "backUpBeforeFirstWrite",
      "backupFolder",
      "buildFolders",
      "checkAfterFlash",
      "confirmBeforeFlash",
      "esphomePath",
      "extraPorts",
      "platformioPath",
      "rebootAfterFlash",
      "resetSequence",
      "verifyAfterFlash",
    ]);
  });

  it("accepts every port by name in the pattern of added ports, and none without its folder or number", () => {
    const { items } = contributes.configuration.properties["beken.extraPorts"] as unknown as {
      readonly items: { readonly pattern: string };
    };
    const pattern = new RegExp(items.pattern);
    const right = [
      "COM5",
      "/dev/ttyUSB0",
      "/dev/serial/by-id/usb-1a86-if00",
      "tcp://10.0.0.5:8880",
      "practice:tcp://127.0.0.1:5000/",
      "rfc2217://[fe80::1]:4000?ign_set_control",
      "RFC2217://cellar:4000",
      "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0",
      "tcp://10.0.0.5:8888?reset=SetChannel 1 0;SetChannel 1 1&web=8080",
    ];
    for (const name of right) assert.match(name, pattern);
    const wrong = [
      "ttyUSB0",
      "dev/ttyUSB0",
      "ttyACM1",
      "cu.usbserial-10",
      "serial/by-id/usb-1a86",
      "tcp://host",
      "http://host:80",
      "192.168.1.20",
      "192.168.1.20:8888",
      "cellar:4000",
      "tcp:/host:80",
      "[fe80::1]:4000",
    ];
    for (const name of wrong) assert.doesNotMatch(name, pattern);
  });

  it("accepts every legal rate in the pattern of the baud rate, and no word", () => {
    const pattern = new RegExp(String(contributes.configuration.properties["beken.baudRate"]?.["pattern"]));
    for (const value of ["auto", "115200", "921600", "4000000"]) assert.match(value, pattern);
    for (const value of ["", "fast", "1e6", "115200 "]) assert.doesNotMatch(value, pattern);
  });

  it("takes every text from every language, and uses every text", () => {
    const used = new Set([...JSON.stringify(manifest).matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key ?? ""));
    assert.deepEqual(sorted(Object.keys(english)), sorted([...used]));
    for (const { id, letters } of TRANSLATIONS) {
      const translated = manifestTextsOf(id);
      assert.deepEqual(sorted(Object.keys(translated)), sorted([...used]), id);
      for (const [key, text] of Object.entries(translated)) {
        assert.match(text, letters, key);
        // Links and their arguments are the same in every language.
        const links = (value: string | undefined): readonly string[] =>
          [...(value ?? "").matchAll(/\(command:[^)]*\)/g)].map(([link]) => link);
        assert.deepEqual(links(text), links(english[key]), key);
      }
    }
  });

  it("links only to commands that exist", () => {
    const own: readonly string[] = Object.values(COMMANDS);
    for (const text of Object.values(english)) {
      for (const [, id = ""] of text.matchAll(/\(command:([\w.]+)/g)) {
        if (id.startsWith("beken.")) assert.ok(own.includes(id), id);
        else assert.ok(["vscode.openFolder"].includes(id), id);
      }
    }
  });

  it("ships the pictures it names", () => {
    const paths = [
      manifest.icon,
      ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.svg)),
    ];
    for (const path of paths) assert.ok(existsSync(path), path);
    const icon = readFileSync("media/beken.svg", "utf8");
    assert.doesNotMatch(icon, /#[0-9a-f]{3,6}|rgb\(/i, "the activity bar draws it in one colour");
  });

  it("completes each of six steps by a context key of the code", () => {
    const steps = contributes.walkthroughs[0]?.steps ?? [];
    assert.deepEqual(
      steps.map(({ id }) => id),
      ["port", "chip", "backup", "flash", "verify", "run"],
    );
    assert.deepEqual(
      steps.flatMap(({ completionEvents }) => completionEvents),
      steps.map(({ id }) => `onContext:beken.step.${id}`),
    );
  });
});

describe("when clauses", () => {
  const clauses = [
    ...allMenuItems.flatMap(({ when }) => when ?? []),
    ...contributes.viewsWelcome.map(({ when }) => when),
    ...contributes.commands.flatMap(({ enablement }) => enablement ?? []),
  ];
  const editorKeys = [
    "view",
    "viewItem",
    "resourceExtname",
    "resourceFilename",
    "resourcePath",
    "workspaceFolderCount",
    "activeCustomEditorId",
  ];

  it("use no key that nobody sets", () => {
    const known = new Set<string>([...CONTEXT_KEYS, ...editorKeys]);
    for (const clause of clauses)
      for (const key of evaluate(clause, {}).keys) assert.ok(known.has(key), `${key} in ${clause}`);
  });

  it("are in groups whose order is fixed", () => {
    for (const [menu, items] of Object.entries(contributes.menus)) {
      if (menu === "commandPalette") continue;
      for (const { group, command } of items) assert.match(group ?? "", /^[\w]+@\d+$/, `${command} in ${menu}`);
    }
  });

  const explorer = (
    name: string,
    firmwareFiles: readonly string[] = [],
    backupFiles: readonly string[] = [],
    content: { readonly dumps?: readonly string[]; readonly others?: readonly string[] } = {},
  ): readonly string[] =>
    inMenu("explorer/context", {
      resourceFilename: name,
      resourceExtname: /\.[^.]+$/.exec(name)?.[0] ?? "",
      resourcePath: `/project/${name}`,
      "beken.firmwareFiles": firmwareFiles,
      "beken.backupFiles": backupFiles,
      "beken.dumpFiles": content.dumps,
      "beken.noDumps": content.others,
    });

  it("offer flashing on firmware by name, and on a .bin only when a format claims it", () => {
    const both = [COMMANDS.flashToDevice, COMMANDS.flashEach, COMMANDS.inspectImage];
    // A build that names its board can be asked about its updates, too.
    assert.deepEqual(explorer("firmware.uf2"), [...both, COMMANDS.checkUpdates]);
    for (const name of [
      "image_bk7231t_app.0x011000.rbl",
      "image_bk7231t_app.ota.rbl",
      "OpenBK7231N_QIO_1.17.5.bin",
      "IMAGE.RBL",
    ]) {
      assert.deepEqual(explorer(name), both, name);
    }
    for (const name of ["photo.png", "data.bin", "firmware.bin", "esp32.bin", "notes.uf2.txt"])
      assert.deepEqual(explorer(name), [], name);
    assert.deepEqual(explorer("firmware.bin", ["/project/firmware.bin"]), both);
    assert.deepEqual(explorer("image_bk7231t_app.ota.ug.bin"), [COMMANDS.inspectImage]);
  });

  const ofBackup = [
    COMMANDS.restoreBackup,
    COMMANDS.createEspHomeProject,
    COMMANDS.showConfiguration,
    COMMANDS.copyOpenBekenTemplate,
  ];

  it("offer restoring on what may be a backup by its name, or was saved as one", () => {
    const all = [COMMANDS.flashToDevice, COMMANDS.flashEach, COMMANDS.inspectImage, ...ofBackup];
    for (const name of ["backup-bk7231t-c8.bin", "bk7231t-C8478C420001.bin", "BK7231N.BIN"])
      assert.deepEqual(explorer(name), all, name);
    assert.deepEqual(explorer("my-backup.bin"), ofBackup);
    assert.deepEqual(explorer("kitchen.bin", [], ["/project/kitchen.bin"]), ofBackup);
    for (const name of ["backup-bk7231t-c8.bin.json", "bootloader-bk7231n-20261122.bin", "image_bk7231n_app.bin"])
      assert.ok(!explorer(name).includes(COMMANDS.restoreBackup), name);
  });

  it("follow what is in a file where that is known, and its name only where it is not", () => {
    const dump = [COMMANDS.inspectImage, ...ofBackup];
    for (const name of ["kitchen.bin", "kitchen", "flash.dump", "OpenBK7231N_1.17.5.bin", "bk7231t-C8478C420001.bin"])
      assert.deepEqual(explorer(name, [], [], { dumps: [`/project/${name}`] }), dump, name);
    for (const name of ["my-backup.bin", "backup-bk7231t-c8.bin"])
      assert.ok(!explorer(name, [], [], { others: [`/project/${name}`] }).includes(COMMANDS.restoreBackup), name);
    const inTitle = inMenu("editor/title", {
      resourceFilename: "bk7231t-kitchen.bin",
      resourceExtname: ".bin",
      resourcePath: "/project/bk7231t-kitchen.bin",
      "beken.dumpFiles": ["/project/bk7231t-kitchen.bin"],
    });
    assert.ok(!inTitle.includes(COMMANDS.flashToDevice));
  });

  it("offer no flash in the title of an editor that shows what is for updates over the air", () => {
    const inTitle = (name: string): readonly string[] =>
      inMenu("editor/title", { resourceFilename: name, resourceExtname: /\.[^.]+$/.exec(name)?.[0] ?? "" });
    assert.deepEqual(inTitle("image_bk7231t_app.0x011000.rbl"), [COMMANDS.flashToDevice]);
    for (const name of ["image_bk7231t_app.ota.rbl", "IMAGE.OTA.RBL", "image_bk7231t_app.ota.ug.bin"])
      assert.deepEqual(inTitle(name), [], name);
  });

  it("offer a configuration in the title of a viewer that shows what may be a backup", () => {
    const inTitle = (activeCustomEditorId: string, resourceExtname: string): readonly string[] =>
      inMenu("editor/title", { resourceFilename: `x${resourceExtname}`, resourceExtname, activeCustomEditorId });
    assert.deepEqual(inTitle(OPTIONAL_IMAGE_EDITOR, ".bin"), [
      COMMANDS.createEspHomeProject,
      COMMANDS.showConfiguration,
      COMMANDS.copyOpenBekenTemplate,
    ]);
    assert.deepEqual(inTitle("hexEditor.hexedit", ".bin"), []);
    assert.equal(inTitle(IMAGE_EDITOR, ".rbl").includes(COMMANDS.createEspHomeProject), false);
  });

  it("repeat every inline action in the menu of its row, where keyboards find it", () => {
    const rows = [
      ...Object.values(ITEM_CONTEXT).map((viewItem) => ({ view: VIEWS.devices, viewItem })),
      ...Object.values(ITEM_CONTEXT).map((viewItem) => ({ view: VIEWS.firmware, viewItem })),
      ...Object.values(ITEM_CONTEXT).map((viewItem) => ({ view: VIEWS.backups, viewItem })),
    ];
    for (const { view, viewItem } of rows) {
      const menu = (contributes.menus["view/item/context"] ?? [])
        .filter(({ when, group }) => !group?.startsWith("inline") && evaluate(when ?? "true", { view, viewItem }).holds)
        .map(({ command }) => command);
      for (const command of inline(view, viewItem)) assert.ok(menu.includes(command), `${command} on ${viewItem}`);
    }
  });

  const inline = (view: string, viewItem: string): readonly string[] =>
    (contributes.menus["view/item/context"] ?? [])
      .filter(
        ({ when, group }) => group?.startsWith("inline") === true && evaluate(when ?? "true", { view, viewItem }).holds,
      )
      .map(({ command }) => command);

  it("show three inline actions on a free port and only Stop on a busy one", () => {
    for (const item of [ITEM_CONTEXT.port, ITEM_CONTEXT.practice, ITEM_CONTEXT.extraPort]) {
      assert.deepEqual(
        inline(VIEWS.devices, item),
        [COMMANDS.flashFile, COMMANDS.showChipInfo, COMMANDS.backUpFlash],
        item,
      );
    }
    for (const item of [
      ITEM_CONTEXT.portBusy,
      ITEM_CONTEXT.practiceBusy,
      ITEM_CONTEXT.extraPortBusy,
      ITEM_CONTEXT.job,
    ]) {
      assert.deepEqual(inline(VIEWS.devices, item), [COMMANDS.stopJob], item);
    }
    assert.deepEqual(inline(VIEWS.devices, ITEM_CONTEXT.fact), [COMMANDS.copyFact]);
    assert.deepEqual(inline(VIEWS.devices, ITEM_CONTEXT.interrupted), [
      COMMANDS.resumeJob,
      COMMANDS.dismissInterrupted,
    ]);
  });

  it("offer flashing only on files that can be flashed", () => {
    assert.deepEqual(inline(VIEWS.firmware, ITEM_CONTEXT.build), [COMMANDS.flashBuild, COMMANDS.buildAndFlashBuild]);
    assert.deepEqual(inline(VIEWS.firmware, ITEM_CONTEXT.artefactFlashable), [
      COMMANDS.flashToDevice,
      COMMANDS.inspectImage,
    ]);
    assert.deepEqual(inline(VIEWS.firmware, ITEM_CONTEXT.artefact), [COMMANDS.inspectImage]);
  });

  it("keep removing to the ports that can be removed", () => {
    const removal: readonly string[] = [COMMANDS.removePort, COMMANDS.stopPracticeDevice];
    const offered = (viewItem: string): readonly string[] =>
      inMenu("view/item/context", { view: VIEWS.devices, viewItem }).filter((command) => removal.includes(command));
    assert.deepEqual(offered(ITEM_CONTEXT.port), []);
    assert.deepEqual(offered(ITEM_CONTEXT.extraPort), [COMMANDS.removePort]);
    assert.deepEqual(offered(ITEM_CONTEXT.practice), [COMMANDS.stopPracticeDevice]);
  });

  it("offer in a browser nothing that no browser can do, and lead to a command of it nowhere", () => {
    const inBrowser: Context = {
      "beken.inBrowser": true,
      "beken.portsListed": true,
      "beken.buildableYamls": ["/a.yaml"],
      resourcePath: "/a.yaml",
    };
    const here: readonly string[] = MACHINE_COMMANDS;
    const offered = Object.keys(contributes.menus).flatMap((menu) =>
      [...Object.values(VIEWS), undefined].flatMap((view) =>
        ["build", ITEM_CONTEXT.port, ITEM_CONTEXT.practice].flatMap((viewItem) =>
          inMenu(menu, { ...inBrowser, ...(view !== undefined && { view }), viewItem }),
        ),
      ),
    );
    assert.deepEqual(
      here.filter((command) => offered.includes(command)),
      [],
    );
    const unlisted = inEvery("commandPalette");
    assert.deepEqual(
      here.filter((command) => !unlisted.includes(command)),
      [],
      "the palette lists what no row of it hides",
    );
    for (const withoutSerial of [false, true]) {
      const context = { ...inBrowser, "beken.withoutSerial": withoutSerial };
      const texts = contributes.viewsWelcome
        .filter(({ when }) => evaluate(when, context).holds)
        .map(({ contents }) => english[contents.slice(1, -1)] ?? "");
      for (const text of texts) for (const command of here) assert.ok(!text.includes(`command:${command})`), text);
    }
  });

  it("greet an empty view exactly once", () => {
    const shown = (context: Context): number =>
      contributes.viewsWelcome.filter(({ when, view }) => view === VIEWS.devices && evaluate(when, context).holds)
        .length;
    assert.equal(shown({}), 1);
    assert.equal(shown({ "beken.portsListed": true }), 1);
    assert.equal(shown({ "beken.portsListed": true, "beken.hasPorts": true }), 0);
    const inBrowser = { "beken.portsListed": true, "beken.inBrowser": true };
    assert.equal(shown(inBrowser), 1);
    assert.equal(shown({ ...inBrowser, "beken.withoutSerial": true }), 1);
    assert.equal(shown({ ...inBrowser, "beken.hasPorts": true }), 0);
  });
});

describe("language model tools", () => {
  it("are the table of the code, each with a name in every language", () => {
    const { languageModelTools: tools } = contributes;
    assert.deepEqual(
      tools.map(({ name, modelDescription, inputSchema }) => ({ name, modelDescription, inputSchema })),
      ASSISTANT_TOOLS.map(({ name, description, input }) => ({
        name,
        modelDescription: description,
        inputSchema: JSON.parse(JSON.stringify(input)) as unknown,
      })),
    );
    for (const { name, displayName, toolReferenceName } of tools) {
      assert.equal(displayName, `%tool.${name}.title%`);
      assert.match(toolReferenceName, /^beken[A-Z]\w+$/);
    }
  });

  it("have no argument with which a model could say yes in place of the person", () => {
    for (const { name, input } of ASSISTANT_TOOLS)
      for (const argument of Object.keys(input.properties))
        assert.doesNotMatch(argument, /confirm|approve|yes|force|allow|even/i, `${name}: ${argument}`);
  });
});
