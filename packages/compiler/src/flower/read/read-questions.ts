import type { Part } from '../../document/part.ts';
import type { Expression, Question } from '../model.ts';
import { composeList, composeMap, literal, readTextExpression } from './compose-expression.ts';
import { readMessages, toTextBlock } from './read-content.ts';
import { readElicitSchema } from './read-elicit-schema.ts';

const ROUNDS_MAX = 20;
const QUESTIONS_MAX = 10;
const TOKENS_MAX = 1_000_000;

/** The text up to the first expression must name the host, so that no value of a call can choose it. */
const URL_START = /^https:\/\/[^\s/?#@\\]+(?:[/?#]\S*)?$/;

type Asked = Pick<Question, 'method' | 'params' | 'members'>;

/** `x-ask`: one map of questions, or a list of them for rounds. */
export function readQuestions(part: Part | undefined): Question[][] {
  if (part === undefined) return [];
  const rounds = Array.isArray(part.value) ? part.items({ max: ROUNDS_MAX, what: 'rounds' }) : [part];
  const keys = new Set<string>();
  return rounds.map((round) => readRound(round, keys));
}

function readRound(part: Part, keys: Set<string>): Question[] {
  const entries = part.entries({ max: QUESTIONS_MAX });
  if (entries.length === 0 && typeof part.value === 'object' && part.value !== null) {
    part.error('empty_round', 'This asks nothing', 'Add a question.');
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
    part.error('duplicate_id', `The question "${key}" exists twice`, hint, { at: 'key' });
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
  const url = said?.key === 'url' ? readUrl(said.part) : undefined;
  const params = composeMap('params', part, [
    url && literal('mode', part, 'url'),
    message && readTextExpression('message', message),
    schema && literal('requestedSchema', part, schema.schema),
    url,
  ]);
  const content = schema === undefined ? [] : [{ name: 'content', fields: schema.fields }];
  return { method: 'elicitation/create', params, members: [{ name: 'action' }, ...content] };
}

function readUrl(part: Part): Expression {
  const expression = readTextExpression('url', part);
  const { template } = expression;
  const start = template.kind === 'text' ? template.parts[0] : template.kind === 'literal' && template.value;
  const isWhole = template.kind === 'literal';
  const hasHost =
    typeof start === 'string' && URL_START.test(start) && (isWhole || /^https:\/\/[^/?#]+[/?#]/.test(start));
  if (!hasHost) {
    const hint = 'Write scheme and host out: https://…/';
    part.error('invalid_url', 'A page to be opened is an https: URL with a host of its own', hint);
  }
  return expression;
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
