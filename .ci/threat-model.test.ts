import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readProofs, readThreats } from '../infra/local/threats.ts';

const threats = readThreats();

const THREATS = 58;
const FAULTS = 12;

test('the threat model has a row for each threat and each fault, in order', () => {
  const ids = (letter: string, count: number) => Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
  expect(threats.map(({ id }) => id)).toEqual([...ids('T', THREATS), ...ids('F', FAULTS)]);
});

test('every threat has a proof', () => {
  const unproved = threats.filter(({ proofs }) => proofs.length === 0).map(({ text }) => text);
  expect(unproved).toEqual([]);
});

test.each(readProofs())('$path has the test that the threat model names: $title', (proof) => {
  const file = join(import.meta.dirname, '..', proof.path);
  expect(existsSync(file) && readFileSync(file, 'utf8').includes(proof.title)).toBe(true);
});
