import { readFileSync } from 'node:fs';

export function readVectors<Vectors>(name: string): Vectors {
  const file = new URL(`../../testdata/arazzo-vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Vectors;
}
