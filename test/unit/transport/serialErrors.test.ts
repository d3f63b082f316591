import assert from "node:assert/strict";
import type { FlasherErrorCode } from "../../../src/core/base/errors";
import { english } from "../../../src/core/base/words";
import { openError, saysGone } from "../../../src/core/transport/serialErrors";

/** Platform, path, what the driver's bindings say, code. */
const TABLE: readonly (readonly [string, string, string, FlasherErrorCode])[] = [
  ["linux", "/dev/ttyUSB0", "Error: No such file or directory, cannot open /dev/ttyUSB0", "port-not-found"],
  ["linux", "/dev/ttyUSB0", "Error: No such device or address, cannot open /dev/ttyUSB0", "port-not-found"],
  ["linux", "/dev/ttyUSB0", "Error: No such device, cannot open /dev/ttyUSB0", "port-not-found"],
  ["linux", "/dev/ttyUSB0", "Error: Permission denied, cannot open /dev/ttyUSB0", "port-permission"],
  ["linux", "/dev/ttyUSB0", "EACCES: permission denied", "port-permission"],
  ["linux", "/dev/ttyUSB0", "Error: Device or resource busy, cannot open /dev/ttyUSB0", "port-busy"],
  ["linux", "/dev/ttyUSB0", "Error Resource temporarily unavailable Cannot lock port", "port-busy"],
  ["linux", "/dev/ttyUSB0", "Error: Input/output error setting custom baud rate of 115200", "port-lost"],
  ["linux", "/etc/hosts", "Error: Inappropriate ioctl for device setting custom baud rate of 115200", "port-invalid"],
  ["linux", "/tmp", "Error: Is a directory, cannot open /tmp", "port-invalid"],
  ["linux", "/tmp/EBUSY", "Error: No such file or directory, cannot open /tmp/EBUSY", "port-not-found"],
  ["darwin", "/dev/cu.usb", "Error: Resource busy, cannot open /dev/cu.usb", "port-busy"],
  ["darwin", "/dev/cu.usb", "Error Resource temporarily unavailable Cannot lock port", "port-busy"],
  ["darwin", "/dev/cu.usb", "Error: No such file or directory, cannot open /dev/cu.usb", "port-not-found"],
  ["darwin", "/dev/cu.usb", "Error: Device not configured, cannot open /dev/cu.usb", "port-not-found"],
  ["darwin", "/dev/cu.usb", "Error: Operation not permitted, cannot open /dev/cu.usb", "port-permission"],
  ["win32", "COM5", "Opening COM5: Access denied", "port-busy"],
  ["win32", "COM5", "Opening COM5: Unknown error code 32", "port-busy"],
  ["win32", "COM5", "Opening COM5: File not found", "port-not-found"],
  ["win32", "COM5", "Opening COM5: Unknown error code 1167", "port-not-found"],
  ["win32", "COM5", "Opening COM5: Unknown error code 31", "port-lost"],
  ["win32", "COM5", "Open (GetCommState): Operation aborted", "port-lost"],
  ["win32", "COM5", "Opening COM5: Unknown error code 123", "port-invalid"],
  ["win32", "COM5", "Open (SetCommState): The parameter is incorrect", "port-invalid"],
];

describe("words of the serial driver", () => {
  for (const [platform, path, words, code] of TABLE)
    it(`${platform}: "${words}" is ${code}`, () => {
      const cause = new Error(words);
      const error = openError(cause, path, platform);
      assert.equal(error.code, code);
      assert.equal(error.cause, cause);
      assert.deepEqual(error.context, { port: path, detail: words });
    });

  it("say what a name is that another system or a list without folders shows", () => {
    const hint = (path: string, platform: string, words: string): string =>
      english(openError(new Error(words), path, platform).context.detail ?? "");
    const none = "Error: No such file or directory, cannot open it";
    assert.match(hint("ttyUSB0", "linux", none), /it is \/dev\/ttyUSB0$/);
    assert.match(hint("cu.usbserial-10", "darwin", none), /it is \/dev\/cu\.usbserial-10$/);
    for (const name of ["COM5", "com12"]) assert.match(hint(name, "linux", none), /WSL.*usbipd.*\/dev\/ttyUSB0/);
    assert.match(hint("/dev/ttyUSB0", "win32", "Opening /dev/ttyUSB0: File not found"), /COM and a number/);
    assert.equal(hint("/dev/ttyUSB0", "linux", none), none);
    assert.equal(hint("ttyUSB0", "linux", "Error: Permission denied"), "Error: Permission denied");
  });

  it("tell a device that is gone from one without control lines", () => {
    for (const words of [
      "Error: Input/output error, cannot get",
      "Error: Device not configured, cannot set",
      "bad file descriptor",
    ])
      assert.equal(saysGone(new Error(words)), true, words);
    for (const words of ["Error: Inappropriate ioctl for device, cannot set", "Error: Invalid argument, cannot set"])
      assert.equal(saysGone(new Error(words)), false, words);
  });
});
