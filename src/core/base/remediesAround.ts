/**
 * What of a machine can stand between a program and its serial ports, one kind a row, with what to do about it: the system, the
 * box that a program runs in, or another program. What is seen of a machine is told apart in `transport/portSurroundings.ts`.
 */

/** Whole sentences, shown before the general advice; `{0}` and `{1}` stand for {@link Surrounding.values}. */
export const SURROUNDING_STEPS = {
  "other-ports": "These serial ports are there now: {0}.",
  group: 'The port belongs to the group {0}: run "sudo usermod -aG {0} {1}", then log out and in again.',
  "group-not-yet": "This session is older than the membership of {1} in the group {0}: log out and in again.",
  "root-only":
    'Only root may open {0}. Write SUBSYSTEM=="tty", GROUP="dialout", MODE="0660" into /etc/udev/rules.d/60-serial.rules, join the group dialout, and plug the adapter in again.',
  snap: 'This runs inside the snap {0}: if it is confined, "sudo snap connect {0}:raw-usb" lets it at adapters, or else install it from another source.',
  flatpak:
    'This runs inside the Flatpak {0}, which hides devices: run "flatpak override --user --device=all {0}", then start it again.',
  wsl: 'This is WSL, which has no USB by itself. In a Windows terminal run "usbipd list", as administrator "usbipd bind --busid 1-2" with the number of your adapter, then "usbipd attach --wsl --busid 1-2" after every plugging.',
  wsl1: "This is WSL 1, which has the ports of Windows under other names: COM3 is /dev/ttyS3. If that does not open, run the flasher on Windows, or move to WSL 2 and usbipd.",
  codespace:
    "This runs in a codespace, and the adapter is at your computer: use the extension in the desktop editor or in the browser there, where ports are your computer's.",
  container:
    "This runs inside a container, which has only the devices it was started with: add --device=/dev/ttyUSB0 to docker run or to runArgs in devcontainer.json, or serve the port on the host and use rfc2217://host:port.",
  ssh: "This runs on the machine that you are logged in to over SSH: plug the adapter in there, or serve its port where it is, with ser2net, and use rfc2217://host:port.",
  "other-side":
    "The extension runs on the other side ({0}), and the ports are those there: plug the adapter in there, or choose Install Locally for the extension to use the ports of this computer.",
  brltty:
    "The program brltty is at work, which takes many adapters for a Braille display, CH340 above all: remove it or stop its services, then plug the adapter in again.",
  "modem-manager":
    'ModemManager is at work, and talks to every adapter for half a minute after it was plugged in: wait, or run "sudo systemctl stop ModemManager" and try again.',
  "esphome-stream":
    "Port 6638 is the one of ESPHome's stream server, which keeps one speed, has no control lines, and loses long answers while its buffer has 128 bytes: set rx_buffer_size and buffer_size to 8192 there.",
  "esphome-api":
    "Port 6053 is the one of ESPHome's own API, which is no serial port: use the port of its stream server, 6638 unless you chose another.",
  "openbeken-bridge":
    'Port 8888 is the one of an OpenBeken bridge, whose buffer of 512 bytes is too short for the answers of the chip: start it there by "startDriver UartTCP 115200 8192" and nothing less.',
  "mac-driver":
    "On macOS, allow the driver of the adapter under Privacy & Security in the System Settings; the port's name then begins with /dev/cu.usb or /dev/cu.wch.",
} as const satisfies Readonly<Record<string, string>>;

export type SurroundingKind = keyof typeof SURROUNDING_STEPS;

export interface Surrounding {
  readonly kind: SurroundingKind;
  readonly values?: readonly string[];
}
