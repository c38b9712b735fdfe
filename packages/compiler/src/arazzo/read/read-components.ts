import type { Part } from '../../document/part.ts';
import type { Minor } from '../model.ts';
import { allowKeys } from './allow-keys.ts';
import type { Components, Reading } from './components.ts';
import { readAction } from './read-actions.ts';
import { checkSchema } from './read-inputs.ts';
import { readParameter } from './read-parameters.ts';
import { SchemaReferences } from './schema-references.ts';

const COMPONENTS_MAX = 500;

const none: Components = { parameters: new Map(), successActions: new Map(), failureActions: new Map() };

export function readComponents(root: Part, minor: Minor): Reading {
  const references = new SchemaReferences(root);
  const reading = { minor, components: none, references };
  const part = root.member('components');
  if (part?.object() === undefined) return reading;
  allowKeys(part, minor, ['inputs', 'parameters', 'successActions', 'failureActions']);
  for (const [, schema] of entriesOf(part, 'inputs')) checkSchema(schema, references);
  const readEach = <T>(kind: keyof Components, read: (item: Part) => T) =>
    new Map(entriesOf(part, kind).map(([name, item]) => [name, read(item)]));
  const components = {
    parameters: readEach('parameters', (item) => readParameter(item, reading)),
    successActions: readEach('successActions', (item) => readAction(item, reading, 'successActions')),
    failureActions: readEach('failureActions', (item) => readAction(item, reading, 'failureActions')),
  };
  return { ...reading, components };
}

function entriesOf(components: Part, kind: string): [string, Part][] {
  const entries = components.member(kind)?.entries({ max: COMPONENTS_MAX }) ?? [];
  for (const [name, { pointer, problems }] of entries) {
    if (/^[A-Za-z0-9._-]+$/.test(name)) continue;
    const rule = 'The name of a component consists of letters, digits, ".", "_" and "-"';
    problems.error('invalid_name', pointer, rule, 'Rename it.', { at: 'key' });
  }
  return entries;
}
