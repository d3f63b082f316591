/**
 * Port names as people type them, to and from references. Knows no drivers: whether a port exists is found out by opening it.
 */
import { TransportError } from "../base/errors";
import { words, type Words } from "../base/words";
import type { PortRef } from "./transport";

const NETWORK = /^(tcp|socket|rfc2217):\/\/(.*)$/i;
/** What pyserial's addresses may end in. This client needs none of it: it never waits for what the option turns off. */
const PYSERIAL_OPTIONS = /\?(?:(?:ign_set_control|poll_modem|timeout=[\d.]+|logging=\w+)(?:&|$))*$/;
/** A network address that lost a sign on the way, as `tcp//host:1`, `host:1` or `192.168.1.20`: no serial port of any system is called so. */
const NEARLY_NETWORK =
  /^(?:(?:tcp|socket|rfc2217)(?::\/?|\/+)(?!\/)|\w+;?\/\/|[\w-]+(?:\.[\w-]+)*:\d+\/?$|\d+(?:\.\d+){3}$)/i;
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:[\]/\s@]+)(?::(\d*))?\/?$/;
const IPV6 = /^[0-9a-f]*:[0-9a-f:.]*(?:%[\w.-]+)?$/i;
/** How Windows spells devices in full; drivers add this themselves and stumble over it given twice. */
const WINDOWS_DEVICE = /^\\\\[.?]\\(COM\d+)$/i;

/**
 * Reads `tcp://host:port`, `socket://host:port` or `rfc2217://host:port` (IPv6 addresses in brackets); anything without a scheme is the path of
 * a serial port. Throws TransportError `port-invalid` saying what is wrong.
 */
export function parsePort(text: string): PortRef {
  const name = text.trim();
  if (name === "") throw invalid(text, words`no port was given`);
  const network = NETWORK.exec(name);
  if (network !== null) {
    const [, scheme = "", address = ""] = network;
    if (scheme.toLowerCase() !== "rfc2217") return { kind: "tcp", ...parseNetwork(name, address) };
    return { kind: "rfc2217", ...parseNetwork(name, address.replace(PYSERIAL_OPTIONS, "")) };
  }
  if (name.includes("://")) throw invalid(name, words`only tcp://, socket:// and rfc2217:// addresses are known`);
  if (NEARLY_NETWORK.test(name)) throw invalid(name, words`for a port on the network write tcp://host:port`);
  if (name.includes("\0")) throw invalid(name, words`the name holds a NUL character`);
  return { kind: "serial", path: WINDOWS_DEVICE.exec(name)?.[1] ?? name };
}

/** The port as people know it; {@link parsePort} reads it back. */
export function formatPort(ref: PortRef): string {
  if (ref.kind === "serial") return ref.path;
  return `${ref.kind}://${ref.host.includes(":") ? `[${ref.host}]` : ref.host}:${ref.port}`;
}

function parseNetwork(name: string, address: string): { readonly host: string; readonly port: number } {
  const parts = HOST_AND_PORT.exec(address);
  if (parts === null)
    throw invalid(name, words`expected tcp://host:port or rfc2217://host:port, with IPv6 addresses in [brackets]`);
  const host = parts[1] ?? "";
  const port = parts[2] ?? "";
  if (port === "") throw invalid(name, words`the port number is missing`);
  const number = Number(port);
  if (number < 1 || number > 65_535) throw invalid(name, words`port ${port} is not within 1 to 65535`);
  if (!host.startsWith("[")) return { host, port: number };
  const bare = host.slice(1, -1);
  if (!IPV6.test(bare)) throw invalid(name, words`${host} is not an IPv6 address`);
  return { host: bare, port: number };
}

function invalid(port: string, detail: Words): TransportError {
  return new TransportError("port-invalid", words`read the port name "${port}"`, { port, detail });
}
