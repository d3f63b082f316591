/** What outlives a window, as services take it: small values under names. The editor's `Memento` is one. */
export interface Memory {
  get<T>(name: string): T | undefined;
  /** Counts at once; resolves when it is stored. */
  update(name: string, value: unknown): PromiseLike<void>;
}
