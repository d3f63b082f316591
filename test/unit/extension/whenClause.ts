/**
 * `when` clauses as the editor evaluates them, as far as our manifest uses them: `&&`, `||`, `!`, parentheses, `==`, `!=`,
 * `=~`, `in` and bare keys. For tests of menus against sample contexts.
 */
export type Context = Readonly<Record<string, unknown>>;

type Token = string;

/** Evaluates a clause; also returns which keys it asked for, whatever the outcome. */
export function evaluate(
  clause: string,
  context: Context,
): { readonly holds: boolean; readonly keys: ReadonlySet<string> } {
  const tokens = tokensOf(clause);
  const keys = new Set<string>();
  let at = 0;
  const peek = (): Token | undefined => tokens[at];
  const take = (): Token => {
    const token = tokens[at++];
    if (token === undefined) throw new Error(`"${clause}" ends too early`);
    return token;
  };
  const read = (key: string): unknown => {
    keys.add(key);
    return context[key];
  };
  const any = (): boolean => {
    let value = all();
    while (peek() === "||") {
      take();
      value = all() || value;
    }
    return value;
  };
  const all = (): boolean => {
    let value = one();
    while (peek() === "&&") {
      take();
      value = one() && value;
    }
    return value;
  };
  const one = (): boolean => {
    const token = take();
    if (token === "!") return !one();
    if (token === "(") {
      const value = any();
      if (take() !== ")") throw new Error(`a parenthesis of "${clause}" is not closed`);
      return value;
    }
    if (token === "true" || token === "false") return token === "true";
    const value = read(token);
    switch (peek()) {
      case "==":
        take();
        return same(value, take());
      case "!=":
        take();
        return !same(value, take());
      case "=~":
        take();
        return regexOf(take()).test(typeof value === "string" ? value : "");
      case "in": {
        take();
        const list = read(take());
        return Array.isArray(list) && list.includes(value);
      }
      default:
        return Boolean(value);
    }
  };
  const holds = any();
  if (at !== tokens.length) throw new Error(`"${clause}" goes on with ${String(peek())}`);
  return { holds, keys };
}

function same(value: unknown, text: string): boolean {
  return String(value) === text.replace(/^'(.*)'$/, "$1");
}

function regexOf(token: string): RegExp {
  const match = /^\/(.*)\/([a-z]*)$/.exec(token);
  if (match === null) throw new Error(`${token} is no regular expression`);
  return new RegExp(match[1] ?? "", match[2]);
}

function tokensOf(clause: string): Token[] {
  const tokens: Token[] = [];
  let rest = clause.trim();
  while (rest !== "") {
    const isPattern = tokens.at(-1) === "=~";
    const match = isPattern
      ? /^\/(?:[^/\\]|\\.)*\/[a-z]*/.exec(rest)
      : /^(?:&&|\|\||==|!=|=~|[!()]|'[^']*'|[\w.$-]+)/.exec(rest);
    if (match === null) throw new Error(`cannot read "${rest}" in "${clause}"`);
    tokens.push(match[0]);
    rest = rest.slice(match[0].length).trim();
  }
  return tokens;
}
