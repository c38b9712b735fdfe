import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './services.ts';

type Proof = { path: string; title: string };
export type Threat = { id: string; text: string; proofs: Proof[] };

/**
 * Reads the threat model page: one row for each threat (T1…) and fault (F1…), whose last cell lists proofs as `path`:
 * title.
 */
export function readThreats(): Threat[] {
  return readPage().flatMap((text) => {
    const [, id] = /^\| ([TF]\d+) /.exec(text) ?? [];
    return id === undefined ? [] : [{ id, text, proofs: proofsIn(text) }];
  });
}

/** Reads all tests that the page names, those of the table of promises included. */
export function readProofs(): Proof[] {
  return readPage().flatMap(proofsIn);
}

function readPage(): string[] {
  return readFileSync(join(projectFolder, 'docs', 'reference', 'threat-model.md'), 'utf8').split('\n');
}

function proofsIn(row: string): Proof[] {
  const proofs = row.matchAll(/`([^`]+\.test\.ts)`: (.+?)(?=<br>| \|$)/g);
  return Array.from(proofs, ([, path = '', title = '']) => ({ path, title }));
}
