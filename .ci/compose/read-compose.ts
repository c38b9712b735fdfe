import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const composeFolder = join(import.meta.dirname, '../../infra/local');

/** Parses the Compose file as it is, with merge keys resolved. */
export function readCompose(): unknown {
  return parse(readFileSync(join(composeFolder, 'compose.yaml'), 'utf8'), { merge: true });
}
