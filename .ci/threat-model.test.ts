import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readThreats } from '../infra/local/threats.ts';

const threats = readThreats();

test('the threat model gives each threat and each fault a number of its own', () => {
  const ids = threats.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  expect(ids.slice(0, 37)).toEqual(Array.from({ length: 37 }, (_, index) => `T${index + 1}`));
});

test('every threat has a proof', () => {
  const unproved = threats.filter(({ proofs }) => proofs.length === 0).map(({ text }) => text);
  expect(unproved).toEqual([]);
});

test.each(threats.flatMap(({ proofs }) => proofs))(
  '$path has the test that the threat model names: $title',
  (proof) => {
    const file = join(import.meta.dirname, '..', proof.path);
    expect(existsSync(file) && readFileSync(file, 'utf8').includes(proof.title)).toBe(true);
  },
);
