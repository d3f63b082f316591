/** The file that a build is flashed with, in place of another of its files: one answer in tree, viewer and refusals. */
import type * as vscode from "vscode";
import type { Refusal } from "../../core/index";
import { folderOf, nameOf } from "./firmwareFiles";

/** Builds, as far as it takes to find the one with the star. */
interface KnownBuilds {
  buildOf(uri: vscode.Uri): { readonly recommended: { readonly uri: vscode.Uri } | undefined } | undefined;
}

/** Name of the recommended file of the build that `uri` is of, where it lies beside it. */
export function starBeside(builds: KnownBuilds, uri: vscode.Uri): string | undefined {
  const star = builds.buildOf(uri)?.recommended?.uri;
  return star !== undefined && folderOf(star).toString() === folderOf(uri).toString() ? nameOf(star) : undefined;
}

/** Of several files that would do instead, the one with the star. */
export function withStar<R extends Pick<Refusal, "context">>(refusal: R, star: string | undefined): R {
  const { context } = refusal;
  return star === undefined || context.instead === undefined
    ? refusal
    : { ...refusal, context: { ...context, instead: star } };
}
