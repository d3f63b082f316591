/** What a command does; its arguments come from anywhere. */
export type Handler = (...args: readonly unknown[]) => Promise<unknown> | void;
