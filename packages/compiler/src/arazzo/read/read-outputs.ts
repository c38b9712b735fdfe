import { isJsonObject } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { NamedPart } from '../model.ts';
import { allowKeys } from './allow-keys.ts';
import type { Reading } from './components.ts';
import { requiredText, withinExpressionLength } from './text-member.ts';

const OUTPUTS_MAX = 200;

/** Reads texts, and Selector Objects of Arazzo 1.1. Other scalar values are used unchanged, as other tools do. */
export function readOutputs(part: Part | undefined, reading: Reading): NamedPart[] {
  const entries = part?.entries({ max: OUTPUTS_MAX }) ?? [];
  return entries.flatMap(([name, value]) => {
    checkName(name, value, reading);
    return readValue(value, reading) ? [{ name, part: value }] : [];
  });
}

/** Documents of 1.0 with spaces in these names are in use, and its official schema accepts them. */
function checkName(name: string, { pointer, problems }: Part, { minor }: Reading): void {
  if (/^[A-Za-z0-9._-]+$/.test(name)) return;
  const rule = 'The name of an output consists of letters, digits, ".", "_" and "-"';
  const report = minor === 0 && /^[A-Za-z0-9._ -]+$/.test(name) ? 'warn' : 'error';
  problems[report]('invalid_name', pointer, rule, 'Rename it.', { at: 'key' });
}

function readValue(part: Part, { minor }: Reading): boolean {
  const { value } = part;
  if (typeof value === 'string') return withinExpressionLength(part) !== undefined;
  if (isJsonObject(value)) return readSelector(part, minor);
  if (Array.isArray(value)) return part.text() !== undefined;
  part.warn('outside_schema', 'The official schema allows only text here', 'Write an expression, or quote the value.');
  return true;
}

/** Checks only the form; the meaning is read when the selector is compiled. */
function readSelector(part: Part, minor: Reading['minor']): boolean {
  if (minor === 0) {
    part.error('wrong_type', 'Objects are allowed here since Arazzo 1.1', 'Write an expression, or arazzo: 1.1.0.');
    return false;
  }
  allowKeys(part, minor, ['context', 'selector', 'type']);
  const texts = ['context', 'selector'].map((key) => withinExpressionLength(requiredText(part, key)));
  return part.required('type') !== undefined && texts.every((text) => text !== undefined);
}
