import { definedOnly } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { FlowerDocument } from '../model.ts';
import { extensions } from './extensions.ts';
import { fitsSchemas } from './fits-schemas.ts';
import { readFlow } from './read-flow.ts';
import { readPrompt } from './read-prompt.ts';
import { readResource } from './read-resource.ts';

const FLOWS_MAX = 100;
const PROMPTS_MAX = 100;
/** Includes the templates. */
const RESOURCES_MAX = 200;

const KEYS = ['flower', 'id', 'title', 'description', 'flows', 'x-prompts', 'x-resources'];

/** Reads the shape and the expressions of a document. Reports and omits what it cannot use. */
export function readFlower(root: Part): FlowerDocument | undefined {
  if (root.object() === undefined) return undefined;
  root.allowKeys(KEYS, extensions);
  checkVersion(root.required('flower'));
  const title = root.member('title')?.text();
  const description = root.member('description')?.text();
  const flows = root.required('flows');
  if (flows !== undefined && !fitsSchemas(flows)) return undefined;
  return {
    id: readDocumentId(root.required('id')),
    ...definedOnly({ title, description }),
    flows: readEach(flows, { max: FLOWS_MAX, what: 'flows' }, readFlow),
    prompts: readEach(root.member('x-prompts'), { max: PROMPTS_MAX, what: 'prompts' }, readPrompt),
    resources: readEach(root.member('x-resources'), { max: RESOURCES_MAX, what: 'resources' }, readResource),
  };
}

function readEach<T>(part: Part | undefined, limit: { max: number; what: string }, read: (item: Part) => T): T[] {
  return (part?.items(limit) ?? []).filter((item) => item.object()).map(read);
}

function checkVersion(part: Part | undefined): void {
  if (part === undefined || part.value === '0.1') return;
  const hint = part.value === 0.1 ? 'Unquoted, 0.1 is a number: write flower: "0.1".' : 'Write flower: "0.1".';
  part.error('unsupported_version', 'The version must be the text "0.1"', hint);
}

function readDocumentId(part: Part | undefined): string {
  const id = part?.text() ?? '';
  if (part !== undefined && id !== '' && !/^[a-z0-9-]+$/.test(id)) {
    part.warn('id_style', 'The id of a document consists of lowercase letters, digits and hyphens', 'Rename it.');
  }
  if (part?.value === '') part.error('invalid_id', 'The id is empty', 'Name the document.');
  return id;
}
