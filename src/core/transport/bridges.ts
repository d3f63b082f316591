/**
 * Bridges that are known by the TCP port they listen on, with what they cannot do: oxan/esphome-stream-server (6638, a buffer of 128
 * bytes), OpenBK7231T_App's driver UartTCP (8888, 512 bytes), and ESPHome's native API (6053), which is none. Pure.
 */
import type { FlasherErrorCode } from "../base/errors";
import type { Surrounding, SurroundingKind } from "../base/remediesAround";
import type { PortRef } from "./transport";

const BY_PORT: Readonly<Record<number, SurroundingKind>> = {
  6053: "esphome-api",
  6638: "esphome-stream",
  8888: "openbeken-bridge",
};

/** Failures that the limits of a bridge explain. */
const EXPLAINED: ReadonlySet<FlasherErrorCode> = new Set([
  "host-unreachable",
  "port-lost",
  "no-link-silence",
  "no-link-noise",
  "reply-timeout",
  "reply-invalid",
  "read-crc-mismatch",
]);

/** What is to be known of the bridge at this port, or explains a failure there; empty where nothing is. */
export function bridgeSurroundings(port: PortRef, failure?: FlasherErrorCode): readonly Surrounding[] {
  const kind = port.kind === "tcp" ? BY_PORT[port.port] : undefined;
  return kind === undefined || (failure !== undefined && !EXPLAINED.has(failure)) ? [] : [{ kind }];
}
