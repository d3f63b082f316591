/** Points in time as every surface shows them, in the reader's language. */

/** The day and the minute. */
export function dayOf(at: number, locale: string): string {
  return new Intl.DateTimeFormat(safeLocale(locale), { dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** The clock alone, with its seconds. */
export function clockOf(at: number, locale: string): string {
  return new Intl.DateTimeFormat(safeLocale(locale), { timeStyle: "medium" }).format(at);
}

/** Editors name some languages in ways `Intl` refuses. */
function safeLocale(locale: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(locale)[0];
  } catch {
    return undefined;
  }
}
