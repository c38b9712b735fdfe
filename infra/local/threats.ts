import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './services.ts';

export type Threat = { id: string; text: string; proofs: { path: string; title: string }[] };

/**
 * Reads the threat model page: one row for each threat (T1…) and fault (F1…), whose last cell lists proofs as `path`:
 * title.
 */
export function readThreats(): Threat[] {
  const page = readFileSync(join(projectFolder, 'docs', 'reference', 'threat-model.md'), 'utf8');
  return page.split('\n').flatMap((text) => {
    const [, id] = /^\| ([TF]\d+) /.exec(text) ?? [];
    const proofs = [...text.matchAll(/`([^`]+\.test\.ts)`: (.+?)(?=<br>| \|$)/g)];
    return id === undefined ? [] : [{ id, text, proofs: proofs.map(([, path = '', title = '']) => ({ path, title })) }];
  });
}
