import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { concat, toHex } from "../../../src/core/base/bytes";
import { COM_COMMANDS, ComPortStream, comPortCommand, escaped } from "../../../src/core/transport/comPortStream";

interface Step {
  readonly step: string;
  readonly client_to_server: string;
  readonly server_to_client: string;
  readonly at_port?: string;
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const stepsOf = (file: string): readonly Step[] =>
  (JSON.parse(readFileSync(`test/fixtures/vectors/${file}`, "utf8")) as { readonly steps: readonly Step[] }).steps;

/** A client that keeps all it is told. */
function client(): {
  readonly stream: ComPortStream;
  readonly sent: () => string;
  readonly data: () => string;
  readonly answers: (readonly [number, string])[];
  /** Answers, and the data between them. */
  readonly order: string[];
  readonly echoes: () => number;
  readonly agreed: () => number;
} {
  const sent: Uint8Array[] = [];
  const data: Uint8Array[] = [];
  const answers: (readonly [number, string])[] = [];
  const order: string[] = [];
  let [agreed, echoes] = [0, 0];
  const stream = new ComPortStream({
    send: (bytes) => sent.push(bytes),
    data: (bytes) => {
      data.push(Uint8Array.from(bytes));
      const before = order.at(-1)?.startsWith("data") === true ? order.pop() : "data ";
      order.push(`${before}${hexOf(bytes)}`);
    },
    answer: (command, value) => {
      answers.push([command, toHex(value)]);
      order.push(`${command}: ${hexOf(value)}`);
    },
    echo: () => echoes++,
    agreed: () => agreed++,
    refused: () => undefined,
  });
  const hex = (parts: readonly Uint8Array[]): string => toHex(concat(...parts)).replaceAll(" ", "");
  return {
    stream,
    sent: () => hex(sent),
    data: () => hex(data),
    answers,
    order,
    echoes: () => echoes,
    agreed: () => agreed,
  };
}

function pushIn(stream: ComPortStream, bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) stream.push(bytes.subarray(at, at + size));
}

describe("RFC 2217 stream", () => {
  for (const file of ["rfc2217.json", "rfc2217-ser2net.json"]) {
    it(`understands the captured dialogue of ${file} the same at every chunk size`, () => {
      const all = concat(...stepsOf(file).map(({ server_to_client: hex }) => bytesOf(hex)));
      const whole = client();
      whole.stream.start();
      whole.stream.push(all);
      assert.equal(whole.agreed(), 1);
      assert.ok(whole.answers.some(([command, value]) => command === COM_COMMANDS.baud && value === "000e1000"));
      assert.ok(whole.answers.some(([command]) => command === COM_COMMANDS.purge));
      for (let size = 1; size <= 64; size++) {
        const cut = client();
        cut.stream.start();
        pushIn(cut.stream, all, size);
        assert.deepEqual([cut.sent(), cut.data(), cut.order], [whole.sent(), whole.data(), whole.order], `${size}`);
      }
    });
  }

  it("sends data and settings as the captured clients do", () => {
    const sends = stepsOf("rfc2217-ser2net.json");
    const of = (step: string): string =>
      sends.find((each) => each.step === step)?.client_to_server ?? assert.fail(step);
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
    assert.equal(hex(comPortCommand(COM_COMMANDS.baud, bytesOf("000e1000"))), of("set baud 921600"));
    assert.equal(hex(comPortCommand(COM_COMMANDS.purge, Uint8Array.of(1))), of("purge rx"));
    const data = sends.find(({ step }) => step === "data with FF");
    assert.equal(hex(escaped(bytesOf(data?.at_port ?? ""))), data?.client_to_server);
    // A rate with 0xFF in it is escaped inside the command.
    assert.equal(hex(comPortCommand(COM_COMMANDS.baud, bytesOf("0000ff00"))), "fffa2c010000ffff00fff0");
  });

  it("gives back data with every byte in it, settings between them, at every chunk size", () => {
    const bytes = Uint8Array.from({ length: 512 }, (_, i) => i & 0xff);
    const wire = concat(escaped(bytes), bytesOf("fffa2c650001c200fff0"), escaped(bytes));
    for (let size = 1; size <= 64; size++) {
      const { stream, data, answers } = client();
      pushIn(stream, wire, size);
      assert.equal(data(), Buffer.from(concat(bytes, bytes)).toString("hex"), `${size}`);
      assert.deepEqual(answers, [[COM_COMMANDS.baud, toHex(bytesOf("0001c200"))]]);
    }
  });

  it("tells data and answers in the order in which they came, at every chunk size", () => {
    const wire = bytesOf("41ffff" + "fffa2c65000e1000fff0" + "42" + "fffa2c7001fff0" + "fffa2c0a01fff0" + "4344");
    for (let size = 1; size <= wire.length; size++) {
      const { stream, order, echoes } = client();
      pushIn(stream, wire, size);
      assert.deepEqual(order, ["data 41ff", "1: 000e1000", "data 42", "12: 01", "data 4344"], `${size}`);
      assert.equal(echoes(), 1);
    }
  });

  it("refuses an unknown option once, and never answers what is so already", () => {
    const { stream, sent } = client();
    stream.start();
    const offers = sent();
    stream.push(bytesOf("fffd18fffd18fffb22fffb22"));
    assert.equal(sent().slice(offers.length), "fffc18fffe22");
    stream.push(bytesOf("fffd2cfffd2cfffd00fffb00fffd03fffb03fffd03"));
    assert.equal(sent().slice(offers.length), "fffc18fffe22");
  });

  it("falls silent in a storm of options, and takes data all the same", () => {
    const { stream, sent, data } = client();
    stream.start();
    for (let i = 0; i < 100_000; i++) stream.push(bytesOf(i % 2 === 0 ? "fffd00" : "fffe00"));
    assert.ok(sent().length < 1_000, `${sent().length}`);
    stream.push(bytesOf("41ffff42"));
    assert.equal(data(), "41ff42");
  });

  it("finds its way after a command that was cut off or has no end", () => {
    const { stream, data, answers } = client();
    stream.push(bytesOf(`fffa2c65${"00".repeat(10_000)}fff041`));
    stream.push(bytesOf("fffa2c6500fffb0042"));
    assert.equal(data(), "4142");
    assert.equal(answers.filter(([, value]) => value.length > 300).length, 0);
  });

  it("survives whatever is sent, at any cut, with bounded answers", () => {
    const telnet = fc.constantFrom(0xff, 0xfa, 0xf0, 0xfb, 0xfc, 0xfd, 0xfe, 0x2c, 0x00, 0x65);
    const noise = fc.array(fc.oneof(telnet, fc.integer({ min: 0, max: 255 })), { maxLength: 600 });
    fc.assert(
      fc.property(noise, fc.integer({ min: 1, max: 64 }), (bytes, size) => {
        const one = client();
        const other = client();
        one.stream.push(Uint8Array.from(bytes));
        pushIn(other.stream, Uint8Array.from(bytes), size);
        assert.deepEqual([one.sent(), one.data(), one.order], [other.sent(), other.data(), other.order]);
        assert.ok(one.sent().length <= 6 * 100);
        assert.ok(one.data().length <= 2 * bytes.length);
      }),
      { numRuns: 500 },
    );
  });
});
