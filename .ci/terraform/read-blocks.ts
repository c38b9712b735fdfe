import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const terraformFolder = join(import.meta.dirname, '../../infra/aws');

/** A top-level block of a file in the format of `terraform fmt`. */
export type Block = { type: string; labels: string[]; text: string };

/** The text of all Terraform files, without comments. */
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
