import { HTTP_TOKEN_CHARACTER } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { EXPRESSION_LENGTH_MAX } from '../jmespath/parse-jmespath.ts';
import { createExpressionReader, type ExpressionReader } from './expression-reader.ts';
import { readSegments } from './read-segments.ts';
import { roots } from './roots.ts';
import type { RuntimeExpression } from './runtime-expression.ts';

type Source = RuntimeExpression['source'];
type MessagePart = Pick<Extract<Source, { part: unknown }>, 'part' | 'name'>;

/**
 * Reads an expression by the grammar of Arazzo 1.1, which includes that of 1.0, and accepts forms outside the grammar
 * that public documents use. Throws `ExpressionSyntaxError`.
 */
export function parseRuntimeExpression(text: string): RuntimeExpression {
  const { expression, end } = readRuntimeExpression(text);
  if (end < text.length) throw new ExpressionSyntaxError(explainRest(text.slice(end)), end);
  return expression;
}

/**
 * Reads the longest expression with which the text begins, in one pass without backtracking. In an operand of a
 * condition, dots and brackets are operators and cause no warning.
 */
export function readRuntimeExpression(
  text: string,
  { isOperand = false } = {},
): { expression: RuntimeExpression; end: number } {
  if (text.length > EXPRESSION_LENGTH_MAX) {
    throw new ExpressionSyntaxError(`An expression has at most ${EXPRESSION_LENGTH_MAX} characters`, 0);
  }
  const reader = createExpressionReader(text, isOperand);
  const source = readSource(reader);
  const segments = hasSegments(source) ? readSegments(reader) : [];
  const { position, leniency } = reader;
  const expression = {
    text: text.slice(0, position),
    source,
    segments,
    ...(leniency === undefined ? {} : { leniency }),
  };
  return { expression, end: position };
}

function readSource(reader: ExpressionReader): Source {
  const root = reader.take(/\$[A-Za-z_]+/y)?.slice(1);
  switch (root) {
    case 'url':
    case 'method':
    case 'statusCode':
    case 'self':
      return { kind: root };
    case 'request':
    case 'response':
    case 'message':
      return { kind: root, ...readMessagePart(reader) };
    case 'inputs':
    case 'outputs':
      return { kind: root, name: reader.readName(`"$${root}"`, /[A-Za-z0-9._-]+/y, WORD) };
    case 'steps':
      return readStepOutput(reader);
    case 'workflows':
      return readWorkflowValue(reader);
    case 'sourceDescriptions': {
      const id = reader.readName('"$sourceDescriptions"', /[A-Za-z0-9_-]+/y);
      return { kind: root, id, reference: reader.readCharacters(`"$sourceDescriptions.${id}"`, 1) };
    }
    case 'components':
      return readComponent(reader);
    case 'secrets':
    case 'config':
      return { kind: root, name: reader.readName(`"$${root}"`, /[A-Za-z0-9_-]+/y) };
    case 'user':
    case 'current_user':
      if (reader.take(/\.token(?![\w-])/y) === undefined)
        throw reader.fault(`The only possible name is "$${root}.token"`);
      return { kind: 'current_user', name: 'token' };
    default:
      throw new ExpressionSyntaxError(
        `An expression must begin with one of ${roots.map((one) => `$${one}`).join(', ')}`,
        0,
      );
  }
}

function readMessagePart(reader: ExpressionReader): MessagePart {
  const start = reader.position;
  const part = reader.take(/\.[A-Za-z]+/y)?.slice(1);
  switch (part) {
    case 'headers':
      reader.warn('Write a header as ".header.<name>"');
      return { part: 'header', name: readHeader(reader) };
    case 'header':
      return { part, name: readHeader(reader) };
    case 'query':
    case 'path':
      return { part, name: reader.readCharacters(`"${part}"`, 0) };
    case 'body':
    case 'payload':
      return { part, name: '' };
    default:
      reader.position = start;
      throw reader.fault(
        `${explainPart(part)}: the parts are .header.<name>, .query.<name>, .path.<name>, .body and .payload`,
      );
  }
}

function readHeader(reader: ExpressionReader): string {
  return reader.readName('"header"', HEADER_NAME).toLowerCase();
}

function readStepOutput(reader: ExpressionReader): Source {
  const id = reader.readName('"$steps"', /[A-Za-z0-9_-]+/y, WORDS_OF_ID);
  if (reader.take(/\.outputs(?=\.)/y) === undefined) {
    const name = reader.take(/\.(?!outputs(?![\w-]))[A-Za-z0-9_-]+(?=$|[[#\s])/y)?.slice(1);
    if (name === undefined) throw reader.fault('The id of a step, without dots, must be followed by ".outputs.<name>"');
    reader.warn(`Write an output of a step as ".outputs.${name}"`);
    return { kind: 'steps', id, name };
  }
  return {
    kind: 'steps',
    id,
    name: reader.readName('".outputs"', /[A-Za-z0-9._-]+/y, reader.isOperand ? WORD : WORDS),
  };
}

function readWorkflowValue(reader: ExpressionReader): Source {
  const id = reader.readName('"$workflows"', /[A-Za-z0-9_-]+/y, WORDS_OF_ID);
  if (reader.take(/(?=\.steps\.)/y) !== undefined) {
    throw reader.fault(
      'A step of another workflow is not a value: name an output of that workflow, "$workflows.<id>.outputs.<name>"',
    );
  }
  const field = reader.take(/\.(?:inputs|outputs)(?=\.)/y)?.slice(1);
  if (field !== 'inputs' && field !== 'outputs') {
    throw reader.fault('The id of a workflow must be followed by ".inputs.<name>" or ".outputs.<name>"');
  }
  return {
    kind: 'workflows',
    id,
    field,
    name: reader.readName(`".${field}"`, /[A-Za-z0-9._-]+/y, reader.isOperand ? WORD : WORDS),
  };
}

function readComponent(reader: ExpressionReader): Source {
  const field = reader.take(/\.(?:parameters|successActions|failureActions|inputs)(?=\.)/y)?.slice(1);
  switch (field) {
    case 'inputs':
      reader.warn('Name the inputs of components with "$ref": "#/components/inputs/<name>"');
      break;
    case 'parameters':
    case 'successActions':
    case 'failureActions':
      break;
    default:
      throw reader.fault(
        '"$components" must be followed by .parameters.<name>, .successActions.<name> or .failureActions.<name>',
      );
  }
  return { kind: 'components', field, name: reader.readName(`".${field}"`, /[A-Za-z0-9._-]+/y) };
}

const HEADER_NAME = new RegExp(`${HTTP_TOKEN_CHARACTER}+`, 'y');
/** Names in other alphabets, and names with blanks, which generators derive from titles. */
const WORD = /[\p{L}\p{N}._@$:-]+/uy;
const WORDS = /[\p{L}\p{N}._@:'&(),-]+(?: +[\p{L}\p{N}._@:'&(),-]+)*/uy;
const WORDS_OF_ID = /[\p{L}\p{N}_@:'&(),-]+(?: +[\p{L}\p{N}_@:'&(),-]+)*/uy;

function hasSegments(source: Source): boolean {
  switch (source.kind) {
    case 'request':
    case 'response':
    case 'message':
      return source.part === 'body' || source.part === 'payload';
    case 'inputs':
    case 'outputs':
    case 'steps':
    case 'workflows':
      return true;
    default:
      return false;
  }
}

function explainPart(part: string | undefined): string {
  if (part === undefined) return 'A part of the message is missing';
  if (/^status/i.test(part)) return 'Write the status as "$statusCode"';
  return `There is no ".${part}"`;
}

function explainRest(rest: string): string {
  if (/^\s/.test(rest)) return 'An expression cannot have blanks: inside text, put it in braces, {$inputs.name}';
  if (rest.startsWith('/')) return 'A JSON Pointer must begin with "#/"';
  return `"${rest.slice(0, 20)}" is not expected here`;
}
