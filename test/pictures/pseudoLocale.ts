/** A language that nobody speaks: every text as long as a German one may be, so that what does not fit is seen before it is translated. */

/** By how much a text grows. */
const GROWTH = 0.4;
/** As German joins words: a place cannot count on a space to break at. */
const ENDING = "ungenschaftlichkeiten";

/** The same with every word longer; places to fill in stay as they are. */
export function pseudo(text: string): string {
  return text.replace(/\{\d+\}|[A-Za-z]{2,}/g, (word) => {
    if (word.startsWith("{")) return word;
    return word + ENDING.slice(0, Math.ceil(GROWTH * word.length));
  });
}
