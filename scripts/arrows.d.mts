export const arrows: {
  readonly rows: Readonly<Record<string, readonly string[]>>;
  readonly packages: Readonly<Record<string, readonly string[]>>;
};
export function isWithin(name: string, place: string): boolean;
export function placeOf(name: string, places: readonly string[]): string | undefined;
export function resolveImport(from: string, target: string): string;
export function isArrow(from: string, to: string, rows?: Readonly<Record<string, readonly string[]>>): boolean;
