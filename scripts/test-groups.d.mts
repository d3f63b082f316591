interface Group {
  readonly files: readonly string[];
  readonly seconds: number;
}

export function groupFiles(
  files: readonly string[],
  seconds: Readonly<Record<string, number>>,
  most: number,
): readonly Group[];
