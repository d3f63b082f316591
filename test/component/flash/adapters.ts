/** Adapters with limits of their own, between the core and a chip. */
import { TransportError, type Transport } from "../../../src/core/index";

/**
 * An adapter whose real rate is wrong above a limit: the chip follows, the host cannot.
 * @param limit asked anew every time, so that it can change
 */
export function limitedAdapter(limit: () => number): (transport: Transport) => Transport {
  return (transport) =>
    new Proxy(transport, {
      get(target, name) {
        if (name === "setBaudRate")
          return (baud: number) => target.setBaudRate(baud > limit() ? Math.round(baud * 0.9) : baud);
        const value = Reflect.get(target, name) as unknown;
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
}

/** An adapter whose driver refuses some rates, as drivers do that know a table of them; `asked` counts what it was asked for. */
export function refusingAdapter(
  refuses: (baud: number) => boolean,
  asked: number[] = [],
): (transport: Transport) => Transport {
  return (transport) =>
    new Proxy(transport, {
      get(target, name) {
        if (name === "setBaudRate")
          return (baud: number) => {
            asked.push(baud);
            if (!refuses(baud)) return target.setBaudRate(baud);
            const detail = "Error: Invalid argument, cannot set baud rate";
            return Promise.reject(new TransportError("baud-change-failed", `set it to ${baud} baud`, { detail }));
          };
        const value = Reflect.get(target, name) as unknown;
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
}
