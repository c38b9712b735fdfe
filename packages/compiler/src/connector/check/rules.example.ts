import { expect } from '@jest/globals';
import type { Diagnostic } from '@toolplane/contracts';
import { takeMarks, toLine } from '../connector.example.ts';
import { readConnector } from '../read-connector.ts';

/** A replacement in the ticket system, with a mark at each reported location, and the reported codes. */
export type Rule = [rule: string, from: string, to: string, ...codes: string[]];

export function errorsOf(text: string): string[] {
  return readConnector(text)
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(toLine);
}

export function expectErrors(marked: string, codes: string[]): void {
  const { text, places } = takeMarks(marked);
  const { diagnostics, connector } = readConnector(text);
  expect(diagnostics.filter(isError).map(toLine)).toEqual(codes.map((code, index) => `${places[index]} ${code}`));
  expect(connector === undefined).toBe(codes.length > 0);
}

export function expectWarning(marked: string, code: string): void {
  const { text, places } = takeMarks(marked);
  const { diagnostics } = readConnector(text);
  expect(diagnostics.filter((each) => !isError(each)).map(toLine)).toContain(`${places[0]} ${code}`);
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}
