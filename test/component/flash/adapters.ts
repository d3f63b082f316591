/** Adapters with limits of their own, between the core and a chip. */
import type { Transport } from "../../../src/core/index";

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
