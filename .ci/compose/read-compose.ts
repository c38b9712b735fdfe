import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const composeFolder = join(import.meta.dirname, '../../infra/local');

/** As it stands there, with what is merged into services. */
export function readCompose(): unknown {
  return parse(readFileSync(join(composeFolder, 'compose.yaml'), 'utf8'), { merge: true });
}
