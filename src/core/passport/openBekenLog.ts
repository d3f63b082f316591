/**
 * Where OpenBeken's log goes: to UART2, unless its start command moves it. `logPort N` names the UART, `uartInit BAUD` opens UART1 at a
 * speed. Source: the list of commands of OpenBK7231T_App, and docs/boot-logs.md.
 */
import type { LogSettings } from "./logWire";

/** Joins commands into one; each of them counts as if it stood alone. */
const BACKLOG = /^\s*backlog\s+/i;
const LOG_PORT = /^\s*logPort\s+([12])\s*$/i;
const OPENED = /^\s*uartInit\s+(\d{3,7})\b/i;

/** @param command as the settings have it. The last of two commands counts; what waits for an event is not run at the start */
export function openBekenLog(command: string): LogSettings {
  let uart: 1 | 2 = 2;
  let baudRate: number | undefined;
  for (const one of command.replace(BACKLOG, "").split(/[;\r\n]/)) {
    const port = LOG_PORT.exec(one)?.[1];
    const baud = OPENED.exec(one)?.[1];
    if (port !== undefined) uart = port === "1" ? 1 : 2;
    if (baud !== undefined) baudRate = Number(baud);
  }
  return { saidBy: "openbeken", uart, ...(uart === 1 && baudRate !== undefined && { baudRate }) };
}
