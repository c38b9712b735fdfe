import type { Json } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Expression } from '../model.ts';
import { composeList, composeMap, literal, readFreeText, readTextExpression } from './compose-expression.ts';
import { readAnnotations, readNumber } from './read-annotations.ts';
import { readIcons } from './read-display-fields.ts';
import { readExpression } from './read-expression.ts';

/** Reads content blocks, prompt messages and resource contents of MCP, with expressions in their strings. */

const ITEMS_MAX = 50;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MIME_TYPE = /^[\w.+-]+\/[\w.+-]+(?:\s*;.*)?$/;

export const blockTypes = ['text', 'image', 'audio', 'resource', 'resource_link'] as const;
export type BlockType = (typeof blockTypes)[number];

const keys: Record<BlockType, { required: string[]; optional: string[] }> = {
  text: { required: ['text'], optional: [] },
  image: { required: ['data', 'mimeType'], optional: [] },
  audio: { required: ['data', 'mimeType'], optional: [] },
  resource: { required: ['resource'], optional: [] },
  resource_link: { required: ['uri', 'name'], optional: ['title', 'description', 'mimeType', 'size', 'icons'] },
};

export function readContent(part: Part): Expression {
  const items = part.items({ max: ITEMS_MAX, what: 'content blocks' });
  return composeList(
    'content',
    part,
    items.map((item) => readBlock('content', item, blockTypes)),
  );
}

/** `text` is a short form of a text block. */
export function readMessages(part: Part, types: readonly BlockType[]): Expression {
  const messages = part.items({ max: ITEMS_MAX, what: 'messages' }).filter((message) => message.object());
  return composeList(
    'messages',
    part,
    messages.map((message) => readMessage(message, types)),
  );
}

function readMessage(part: Part, types: readonly BlockType[]): Expression {
  part.allowKeys(['role', 'text', 'content']);
  const role = part.required('role')?.choice(['user', 'assistant']);
  const said = part.onlyOne(['text', 'content']);
  const content = said?.key === 'text' ? toTextBlock(said.part) : said && readBlock('content', said.part, types);
  return composeMap('message', part, [literal('role', part, role ?? 'user'), content]);
}

export function toTextBlock(part: Part): Expression {
  return composeMap('content', part, [literal('type', part, 'text'), readFreeText('text', part)]);
}

function readBlock(name: string, part: Part, types: readonly BlockType[]): Expression {
  if (part.object() === undefined) return literal(name, part, null);
  const type = part.required('type')?.choice(types);
  if (type === undefined) return literal(name, part, null);
  const { required, optional } = keys[type];
  part.allowKeys(['type', ...required, ...optional, 'annotations', '_meta']);
  for (const key of required) part.required(key);
  const members = [...required, ...optional, 'annotations', '_meta'].map((key) => {
    const member = part.member(key);
    return member && readMember(key, member);
  });
  return composeMap(name, part, [literal('type', part, type), ...members]);
}

function readMember(key: string, part: Part): Expression {
  switch (key) {
    case 'text':
      return readFreeText(key, part);
    case 'data':
    case 'blob':
      return readBase64(key, part);
    case 'mimeType':
      return readMimeType(part);
    case 'uri':
      return readUri(part);
    case 'resource':
      return readResource(part);
    case 'icons':
      return literal(key, part, (readIcons(part) ?? []) as Json);
    case 'size':
      return readNumber(key, part, { min: 0, max: Number.MAX_SAFE_INTEGER, isWhole: true });
    case 'annotations':
      return readAnnotations(part);
    case '_meta':
      part.object();
      return readExpression(key, part);
    default:
      return readTextExpression(key, part);
  }
}

function readResource(part: Part): Expression {
  if (part.object() === undefined) return literal('resource', part, null);
  part.allowKeys(['uri', 'mimeType', 'text', 'blob', '_meta']);
  part.required('uri');
  const members = ['uri', 'mimeType', '_meta'].map((key) => {
    const member = part.member(key);
    return member && readMember(key, member);
  });
  return composeMap('resource', part, [...members, readTextOrBlob(part)]);
}

export function readTextOrBlob(part: Part): Expression | undefined {
  const said = part.onlyOne(['text', 'blob']);
  return said && readMember(said.key, said.part);
}

/** Long base64 is written on several lines, so white space in it is ignored. */
function readBase64(key: string, part: Part): Expression {
  const expression = readTextExpression(key, part);
  const { template } = expression;
  if (template.kind !== 'literal' || typeof template.value !== 'string') return expression;
  const value = template.value.replaceAll(/\s+/g, '');
  if (!BASE64.test(value)) part.error('invalid_base64', 'This is not base64', 'Encode the bytes as base64.');
  return literal(key, part, value);
}

function readMimeType(part: Part): Expression {
  const expression = readTextExpression('mimeType', part);
  if (isLiteralText(expression)) checkMimeType(part);
  return expression;
}

export function checkMimeType(part: Part): string | undefined {
  return part.textLike(MIME_TYPE, 'invalid_mime_type', 'This is not a media type', 'For example, write text/plain.');
}

function readUri(part: Part): Expression {
  const expression = readTextExpression('uri', part);
  if (isLiteralText(expression)) checkUri(part);
  return expression;
}

/** The URI must be absolute; the document decides what its scheme means. */
export function checkUri(part: Part): string | undefined {
  const uri = part.text();
  if (uri === undefined || (/^[A-Za-z][A-Za-z0-9+.-]*:[^\s{}<>"\\^`|]+$/.test(uri) && URL.canParse(uri))) return uri;
  part.error('invalid_uri', 'This is not a URI', 'Begin with a scheme, for instance docs://guide.');
  return undefined;
}

function isLiteralText({ template, part }: Expression): boolean {
  return template.kind === 'literal' && typeof part.value === 'string';
}
