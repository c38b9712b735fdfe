import { isJsonObject } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import { textMember } from './text-member.ts';

const versions: Readonly<Record<string, readonly string[]>> = {
  jsonpath: ['rfc9535'],
  xpath: ['xpath-31', 'xpath-30', 'xpath-20', 'xpath-10'],
  jsonpointer: ['rfc6901'],
};

const GOESSNER = 'draft-goessner-dispatch-jsonpath-00';

/** Reads one of some words, alone or in an Expression Type Object that also declares the version. */
export function readExpressionType<Word extends string>(part: Part, words: readonly Word[]): Word | undefined {
  if (!isJsonObject(part.value)) return part.choice(words);
  part.allowKeys(['type', 'version'], {});
  const type = part.required('type')?.choice(words.filter((word) => Object.hasOwn(versions, word)));
  if (type !== undefined && part.member('version') === undefined) {
    part.warn(
      'outside_schema',
      'The official schema requires "version" here',
      `Write version: ${versions[type]?.[0]}.`,
    );
  }
  if (type !== undefined) checkVersion(textMember(part, 'version'), type);
  return type;
}

export function checkVersion(part: Part | undefined, type: string): void {
  const known = versions[type] ?? [];
  if (part === undefined) return;
  if (part.value === GOESSNER) {
    const message = 'This dialect of JSONPath is not supported';
    part.error(
      'unsupported_expression_version',
      message,
      'Write the query as RFC 9535 defines it, and version: rfc9535.',
    );
  } else if (!known.includes(String(part.value))) {
    part.error(
      'unsupported_expression_version',
      `This version of ${type} is not supported here`,
      `Write ${known.join(', ')}.`,
    );
  } else if (part.value === 'xpath-10') {
    part.warn(
      'xpath_version',
      'The query is evaluated as XPath 3.1',
      'Where the versions differ, write it for XPath 3.1.',
    );
  }
}
