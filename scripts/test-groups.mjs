// Shares test files out among processes, so that all the processors there are have something to do until the end. Pure: knows names and
// how long files took, runs nothing.

/** Seconds, of a file that is in no list. */
const USUAL = 1;

/**
 * @param {readonly string[]} files
 * @param {Record<string, number>} seconds what files take that take longer than most, by path from the folder of tests
 * @param {number} most a group takes about so many seconds, unless a file alone takes more
 * @returns groups of files, the longest first, and how long each takes; every file is in one of them
 */
export function groupFiles(files, seconds, most) {
  const taking = (file) => seconds[file.replaceAll("\\", "/").replace(/^test\//, "")] ?? USUAL;
  const total = files.reduce((sum, file) => sum + taking(file), 0);
  const groups = Array.from({ length: Math.max(1, Math.ceil(total / most)) }, () => ({ files: [], seconds: 0 }));
  for (const file of [...files].sort((a, b) => taking(b) - taking(a))) {
    const shortest = groups.reduce((least, group) => (group.seconds < least.seconds ? group : least));
    shortest.files.push(file);
    shortest.seconds += taking(file);
  }
  return groups.filter((group) => group.files.length > 0).sort((a, b) => b.seconds - a.seconds);
}
