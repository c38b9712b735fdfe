import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { Diagnostic } from '@toolplane/contracts';

const folder = new URL('../testdata/', import.meta.url);
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
const files = new Set(readdirSync(folder));

/** Returns the names of the cases whose files have this ending. */
export function casesOf(ending: string): string[] {
  return filesLike('', ending).map((file) => file.slice(0, -ending.length));
}

export function filesLike(beginning: string, ending: string): string[] {
  return [...files].filter((file) => file.startsWith(beginning) && file.endsWith(ending));
}

export function readCase(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8');
}

/**
 * With `UPDATE_GOLDEN=1`, writes the current output of the compiler; review the diff. Undefined content means no file.
 */
export function expectGolden(file: string, content: unknown): void {
  if (!isUpdate) {
    expect(content).toEqual(files.has(file) ? JSON.parse(readCase(file)) : undefined);
  } else if (content !== undefined) {
    writeFileSync(new URL(file, folder), `${JSON.stringify(content, null, 2)}\n`);
  } else if (files.has(file)) rmSync(new URL(file, folder));
}

/** Returns undefined if there are no diagnostics. */
export function toLines(diagnostics: readonly Diagnostic[]): string[] | undefined {
  return diagnostics.length === 0 ? undefined : diagnostics.map(toLine);
}

function toLine({ source, line, column, severity, code, pointer, message, hint }: Diagnostic): string {
  const file = source === undefined ? '' : `${source} `;
  return `${file}${line}:${column} ${severity} ${code} ${pointer}: ${message}. ${hint}`;
}
