import { toPrintable } from '../terminal.ts';

/** Columns under their headings, as wide as their content. Empty if there are no rows. */
export function toTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const all = [headings, ...rows.map((row) => row.map(toCell))];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Facts about one thing, by name. Facts without a value are left out. */
export function toFacts(facts: Readonly<Record<string, string | undefined>>): string[] {
  const known = Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== undefined);
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${`${name}:`.padEnd(width + 1)} ${toCell(value)}`);
}

/** The text as it will be printed, so that its width is right. The content of a cell cannot create another column. */
function toCell(text: string): string {
  return toPrintable(text).replaceAll('\t', '\\t');
}
