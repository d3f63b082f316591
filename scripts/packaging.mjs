// What both packages have in common: what they are asked for, and the pages in them.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readRepository, withAddresses } from "./repository.mjs";

/** Pages at the top of the working tree that ship, and whose links lead into it. */
const PAGES = /^(README(\.[\w-]+)?|CHANGELOG)\.md$/;

/**
 * `[OUT] [--repository ADDRESS] [--built]`, or the address as REPOSITORY_ADDRESS. What cannot be used ends the process with a sentence.
 * @param {string} usual the package's file where none is named
 */
export function readPackagingArguments(usual) {
  try {
    const { values, positionals } = parseArgs({
      options: { repository: { type: "string" }, built: { type: "boolean", default: false } },
      allowPositionals: true,
    });
    const address = values.repository ?? process.env.REPOSITORY_ADDRESS;
    return {
      out: resolve(positionals[0] ?? usual),
      repository: address === undefined ? undefined : readRepository(address),
      built: values.built,
    };
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

/** Puts the pages into the package's folder; without a repository their links stay as they are in the working tree. */
export function writePages(folder, repository) {
  for (const page of readdirSync(".").filter((name) => PAGES.test(name))) {
    const markdown = readFileSync(page, "utf8");
    writeFileSync(join(folder, page), repository === undefined ? markdown : withAddresses(markdown, repository));
  }
  if (repository === undefined)
    console.log(
      "No repository's address (--repository ADDRESS): the package links nowhere, which is right for use but not for publishing.",
    );
}
