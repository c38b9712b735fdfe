import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const terraformFolder = join(import.meta.dirname, '../../infra/aws');

/** A block at the left margin of a file as `terraform fmt` writes it. */
export type Block = { type: string; labels: string[]; text: string };

/** All files as one text, without comments. */
export function readTerraform(): string {
  return globSync('*.tf', { cwd: terraformFolder })
    .toSorted()
    .map((name) => readFileSync(join(terraformFolder, name), 'utf8'))
    .join('\n')
    .replaceAll(/^\s*#.*$/gm, '');
}

export function toBlocks(text: string): Block[] {
  const blocks = text.matchAll(/^(\w+)((?: "[\w.-]+")*) \{(?:\n(.*?)^)?\}$/gms);
  return Array.from(blocks, ([, type = '', labels = '', body = '']) => ({
    type,
    labels: Array.from(labels.matchAll(/"([^"]+)"/g), ([, label]) => label ?? ''),
    text: body,
  }));
}
