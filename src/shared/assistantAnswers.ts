/**
 * What tools for assistants answer: plain JSON values, in English. Secrets and MAC addresses are in none of them: what a model is told
 * leaves this machine.
 */
import {
  english,
  plainOf,
  remedyFor,
  type BootVerdict,
  type ChipIdentity,
  type FirmwareImage,
  type FlasherError,
  type Passport,
} from "../core/index";
import type { Project } from "../builds/project";
import { plainIdentity, plainImage } from "./describe";

const MAC = /(?<![0-9a-f])[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![0-9a-f])/gi;
const LEFT_OUT = "[left out]";

/** Whatever it is, without what identifies a device or opens a network. */
export function forAssistants(value: unknown): unknown {
  return withoutMac(plainOf(value, false));
}

function withoutMac(value: unknown): unknown {
  if (typeof value === "string") return value.replace(MAC, LEFT_OUT);
  if (Array.isArray(value)) return value.map(withoutMac);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => name !== "mac");
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutMac(inner)]));
}

export function chipAnswer(chip: ChipIdentity): unknown {
  return forAssistants(plainIdentity(chip));
}

export function fileAnswer(file: string, image: FirmwareImage, passport: Passport): unknown {
  const { facts, partitions, contradictions, updates } = passport;
  const isOfDevice = image.format === "full-dump" || image.format === "qio";
  return forAssistants({
    file,
    what: image.label,
    image: plainImage(image),
    ...(isOfDevice && { device: { facts, partitions, contradictions, updates } }),
  });
}

/** @param place a file of the build as the reader's machine names it */
export function buildAnswer(
  { name, kind, chip, board, modified, recommended, artefacts }: Project,
  place: (path: string) => string,
): unknown {
  return {
    name,
    kind,
    chip: chip ?? null,
    board: board ?? null,
    built: new Date(modified).toISOString(),
    flash: recommended === undefined ? null : place(recommended.path),
    files: artefacts.map(({ path, role }) => ({ file: place(path), role })),
  };
}

/** @param lines masked already */
export function logAnswer(verdict: BootVerdict, lines: readonly string[]): unknown {
  const { kind, summary, next, firmware, bootCode, restarts, cause } = verdict;
  return forAssistants({
    verdict: kind,
    summary,
    next,
    firmware: firmware ?? null,
    bootCode: bootCode ?? null,
    restarts,
    cause: cause ?? null,
    lines,
  });
}

/** @param problem as `argumentProblem` of assistantTools.ts has it */
export function wrongArguments(problem: string): Readonly<Record<string, unknown>> {
  return { ok: false, code: "wrong-arguments", problem, flash: "untouched" };
}

export function failureAnswer(error: FlasherError): unknown {
  const { title, steps } = remedyFor(error);
  const { detail } = error.context;
  return forAssistants({
    ok: false,
    code: error.code,
    problem: title,
    detail: detail === undefined ? null : english(detail),
    steps,
    flash: error.flash,
  });
}
