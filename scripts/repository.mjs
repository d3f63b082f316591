// Where the project lives is the owner's to say, once: an address such as https://github.com/OWNER/REPOSITORY. All that a package
// links to follows from it. Pure.

/**
 * What such hosts call their pages, below a repository's address. `depth`: the names in an address, owner and repository, and
 * groups where there are any. Forgejo and Gitea name a branch in every address: the one this project's workflows run on.
 */
const HOSTS = [
  {
    name: "GitHub",
    host: /^github\.com$/,
    depth: /^.{2}$/,
    files: "blob/HEAD",
    pictures: "raw/HEAD",
    issues: "issues",
    questions: "discussions",
  },
  {
    name: "GitLab",
    host: /^gitlab\./,
    depth: /^.{2,}$/,
    files: "-/blob/HEAD",
    pictures: "-/raw/HEAD",
    issues: "-/issues",
    questions: "-/issues",
  },
  {
    name: "Codeberg, Forgejo or Gitea",
    host: /^(codeberg\.org$|forgejo\.|gitea\.)/,
    depth: /^.{2}$/,
    files: "src/branch/main",
    pictures: "raw/branch/main",
    issues: "issues",
    questions: "issues",
  },
];

/** `git@HOST:OWNER/REPOSITORY`, as `git clone` takes it. */
const SHORT_SSH = /^(?:[\w.-]+@)([\w.-]+):(?!\/\/)(.+)$/;

/** As manifests of packages shorten the two large hosts. */
const SHORT_HOSTS = { "github:": "github.com", "gitlab:": "gitlab.com" };

function parsed(address) {
  const text = address.trim().replace(/^(github:|gitlab:)(?!\/)/, (prefix) => `https://${SHORT_HOSTS[prefix]}/`);
  const [, host, path] = SHORT_SSH.exec(text) ?? [];
  const whole = host === undefined ? text.replace(/^git\+/, "") : `ssh://${host}/${path}`;
  return URL.canParse(whole) ? new URL(whole) : undefined;
}

/** What is before the `@` may be a password, which is nobody's to print. */
function shown(address) {
  return address.trim().replace(/^([\w.+-]+:\/\/)?[^/@\s]*(?:\/[^@]*)?@/, "$1");
}

/**
 * @param {string} address as a browser's address bar, `git remote -v` or a package.json has it
 * @returns the addresses of pages that a package links to; none of them has the user, password or port of `address`
 * @throws Error that says what an address looks like
 */
export function readRepository(address) {
  const url = parsed(address);
  const names = (url?.pathname ?? "")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "")
    .split("/")
    .slice(1);
  const well = names.every((name) => /^[\w.-]*\w[\w.-]*$/.test(name));
  if (url === undefined || !["https:", "ssh:", "git:"].includes(url.protocol) || names.length < 2 || !well)
    throw new Error(`"${shown(address)}" is no repository's address, such as https://github.com/OWNER/REPOSITORY`);
  const hostname = url.hostname.toLowerCase().replace(/^www\./, "");
  const row = HOSTS.find(({ host }) => host.test(hostname));
  if (row === undefined)
    throw new Error(
      `"${shown(address)}": how pages are called on ${hostname} is not known; it is for ${HOSTS.map(({ name }) => name).join("; ")} (scripts/repository.mjs)`,
    );
  if (!row.depth.test(names.map(() => "n").join("")))
    throw new Error(
      `"${shown(address)}" is a page in a repository: its address ends after OWNER/REPOSITORY on ${row.name}`,
    );
  const base = `https://${hostname}/${names.join("/")}`;
  return {
    git: `${base}.git`,
    start: `${base}#readme`,
    issues: `${base}/${row.issues}`,
    questions: `${base}/${row.questions}`,
    files: `${base}/${row.files}`,
    pictures: `${base}/${row.pictures}`,
  };
}

/** `[text](target)`, where the text may hold a picture, and `![text](target)`. */
const LINK = /(!?)\[((?:[^[\]]|!\[[^\]]*\]\([^)]*\))*)\]\(([^()\s]+)\)/g;

/**
 * A page with the links that lead into the working tree leading into the repository.
 * @param {string} markdown of a page that lies at the top of the working tree
 */
export function withAddresses(markdown, repository) {
  return markdown.replace(LINK, (whole, picture, text, target) => {
    if (/^([a-z]+:|#)/i.test(target)) return whole;
    const folder = picture === "!" ? repository.pictures : repository.files;
    return `${picture}[${withAddresses(text, repository)}](${folder}/${target.replace(/^\.\//, "").replace(/\/$/, "")})`;
  });
}
