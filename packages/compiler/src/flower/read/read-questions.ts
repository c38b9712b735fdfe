import { parseTemplate } from '@toolplane/expressions';
import type { Part } from '../../document/part.ts';
import type { Expression, Question, Url } from '../model.ts';
import { composeList, composeMap, literal, readTextExpression } from './compose-expression.ts';
import { readMessages, toTextBlock } from './read-content.ts';
import { readElicitSchema } from './read-elicit-schema.ts';
import { readUrl } from './read-expression.ts';

const ROUNDS_MAX = 20;
const QUESTIONS_MAX = 10;
const TOKENS_MAX = 1_000_000;

/** The host must be written out, so that no value of a call can choose it. */
const URL_START = /^https:\/\/[^\s/?#@\\]+(?:[/?#]\S*)?$/;

type Asked = Pick<Question, 'method' | 'params' | 'url' | 'members'>;

/** Reads `x-ask`: one map of questions, or a list of such maps for several rounds. */
export function readQuestions(part: Part | undefined): Question[][] {
  if (part === undefined) return [];
  const rounds = Array.isArray(part.value) ? part.items({ max: ROUNDS_MAX, what: 'rounds' }) : [part];
  const keys = new Set<string>();
  return rounds.map((round) => readRound(round, keys));
}

function readRound(part: Part, keys: Set<string>): Question[] {
  const entries = part.entries({ max: QUESTIONS_MAX });
  if (entries.length === 0 && typeof part.value === 'object' && part.value !== null) {
    part.error('empty_round', 'This round has no questions', 'Add a question.');
  }
  return entries.flatMap(([key, question]) => {
    checkKey(key, question, keys);
    return readQuestion(key, question) ?? [];
  });
}

function checkKey(key: string, part: Part, keys: Set<string>): void {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(key)) {
    const hint = 'Use a letter, then up to 63 letters, digits and "_".';
    part.error('invalid_id', 'A reference could not name this key', hint, { at: 'key' });
  } else if (keys.has(key)) {
    const hint = 'Keys name the answers of all rounds: rename one.';
    part.error('duplicate_id', `Duplicate question "${key}"`, hint, { at: 'key' });
  }
  keys.add(key);
}

function readQuestion(key: string, part: Part): Question | undefined {
  if (part.object() === undefined) return undefined;
  part.allowKeys(['elicit', 'sample', 'roots', 'optional']);
  const isOptional = part.member('optional')?.boolean() ?? false;
  const asked = part.onlyOne(['elicit', 'sample', 'roots']);
  if (asked === undefined || asked.part.object() === undefined) return undefined;
  const common = { part, key, isOptional };
  switch (asked.key) {
    case 'elicit':
      return { ...common, ...readElicit(asked.part) };
    case 'sample':
      return { ...common, ...readSample(asked.part) };
    case 'roots':
      asked.part.allowKeys([]);
      return {
        ...common,
        method: 'roots/list',
        params: literal('params', asked.part, {}),
        members: [{ name: 'roots' }],
      };
  }
}

function readElicit(part: Part): Asked {
  part.allowKeys(['message', 'schema', 'url']);
  const message = part.required('message');
  const said = part.onlyOne(['schema', 'url']);
  const schema = said?.key === 'schema' ? readElicitSchema(said.part) : undefined;
  const page = said?.key === 'url' ? readPage(said.part) : undefined;
  const params = composeMap('params', part, [
    page && literal('mode', part, 'url'),
    message && readTextExpression('message', message),
    schema && literal('requestedSchema', part, schema.schema),
    page?.literal === undefined ? undefined : literal('url', part, page.literal),
  ]);
  const content = schema === undefined ? [] : [{ name: 'content', fields: schema.fields }];
  const members = [{ name: 'action' }, ...content];
  return { method: 'elicitation/create', params, ...(page?.url && { url: page.url }), members };
}

/** A URL without expressions is copied unchanged into the params, including its fragment. */
function readPage(part: Part): { literal?: string; url?: Url } {
  const text = part.text();
  if (text === undefined) return {};
  const { references } = parseTemplate(text, () => {});
  if (references.length === 0) {
    checkPage(part, URL.canParse(text) && URL_START.test(text));
    return { literal: text };
  }
  if (text.includes('#')) {
    const hint = 'Leave out the fragment, or write the URL without expressions.';
    part.error('invalid_url', 'A URL with expressions cannot have a fragment (#…)', hint);
    return {};
  }
  const url = readUrl(part);
  if (url === undefined) return {};
  checkPage(part, URL_START.test(text) && url.template.kind === 'parts' && !url.template.parts.some(isInHost));
  return { url };
}

function checkPage(part: Part, isPage: boolean): void {
  if (isPage) return;
  const hint = 'Write out scheme and host: https://…/';
  part.error('invalid_url', 'A page to open must be an https: URL whose host is written out', hint);
}

function isInHost(piece: string | { where: string }): boolean {
  return typeof piece === 'object' && piece.where === 'host';
}

function readSample(part: Part): Asked {
  part.allowKeys(['prompt', 'messages', 'max_tokens', 'system']);
  const said = part.onlyOne(['prompt', 'messages']);
  const tokens = part.required('max_tokens')?.number({ min: 1, max: TOKENS_MAX, isWhole: true });
  const system = part.member('system');
  const params = composeMap('params', part, [
    said && (said.key === 'prompt' ? toUserMessage(said.part) : readMessages(said.part, ['text', 'image', 'audio'])),
    literal('maxTokens', part, tokens ?? 1),
    system && readTextExpression('systemPrompt', system),
  ]);
  const members = ['role', 'content', 'model', 'stopReason'].map((name) => ({ name }));
  return { method: 'sampling/createMessage', params, members };
}

function toUserMessage(part: Part): Expression {
  const message = composeMap('message', part, [literal('role', part, 'user'), toTextBlock(part)]);
  return composeList('messages', part, [message]);
}
