/** What an explanation of a failure is made of. */

export interface Explanation {
  /** What was observed, as a whole sentence. */
  readonly seen: string;
  /** What follows from it, in whole sentences. */
  readonly means: string;
}
