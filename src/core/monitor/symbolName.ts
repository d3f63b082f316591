/**
 * C++ names as people write them, from those in a symbol table: qualified names, constructors and destructors; what has templates or
 * operators stays as it is. Source: Itanium C++ ABI, chapter 5.1, "External Names (a.k.a. Mangling)".
 */

/** The name without its parameters, and an offset behind it as it was; the same where it is none of C++ or of a form that is not read. */
export function readableName(symbol: string): string {
  const [, mangled = "", offset = ""] = /^([^+]*)(\+0x[0-9a-f]+)?$/.exec(symbol) ?? [];
  const name = nested(mangled) ?? plain(mangled);
  return name === undefined ? symbol : name + offset;
}

/** `_ZN`, qualifiers of the method, parts, `E`. */
function nested(mangled: string): string | undefined {
  const begun = /^_ZN[rVK]*[RO]?(St)?/.exec(mangled);
  if (begun === null) return undefined;
  const parts = begun[1] === undefined ? [] : ["std"];
  let rest = mangled.slice(begun[0].length);
  while (!rest.startsWith("E")) {
    const last = parts.at(-1);
    const special = /^(?:C|(D))[0-4]/.exec(rest);
    if (special !== null && last !== undefined) {
      parts.push(special[1] === undefined ? last : `~${last}`);
      rest = rest.slice(special[0].length);
      continue;
    }
    const part = counted(rest);
    if (part === undefined) return undefined;
    parts.push(part.name === "_GLOBAL__N_1" ? "(anonymous)" : part.name);
    rest = part.rest;
  }
  return parts.length === 0 ? undefined : parts.join("::");
}

/** A function outside of everything, or one of its file alone. */
function plain(mangled: string): string | undefined {
  const begun = /^_ZL?(?=\d)/.exec(mangled);
  if (begun === null) return undefined;
  const part = counted(mangled.slice(begun[0].length));
  // An I begins the arguments of a template.
  return part === undefined || part.rest.startsWith("I") ? undefined : part.name;
}

/** A length in digits, and a name of so many characters. */
function counted(text: string): { readonly name: string; readonly rest: string } | undefined {
  const digits = /^\d{1,4}/.exec(text)?.[0];
  if (digits === undefined) return undefined;
  const end = digits.length + Number(digits);
  const name = text.slice(digits.length, end);
  return name.length === Number(digits) && /^[A-Za-z_]\w*$/.test(name) ? { name, rest: text.slice(end) } : undefined;
}
