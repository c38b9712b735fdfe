import { appendPointer, HTTP_TOKEN_CHARACTER, pointerSegments } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { EXPRESSION_LENGTH_MAX } from '../jmespath/parse-jmespath.ts';
import { isRefusedKey } from '../queries/set-member.ts';
import { roots } from './roots.ts';
import type { RuntimeExpression } from './runtime-expression.ts';

type Source = RuntimeExpression['source'];
type MessagePart = Pick<Extract<Source, { part: unknown }>, 'part' | 'name'>;

/**
 * Reads an expression by the grammar of Arazzo 1.1, which covers that of 1.0, and the forms beside it that public
 * documents use. Throws `ExpressionSyntaxError`.
 */
export function parseRuntimeExpression(text: string): RuntimeExpression {
  const { expression, end } = readRuntimeExpression(text);
  if (end < text.length) throw new ExpressionSyntaxError(explainRest(text.slice(end)), end);
  return expression;
}

/**
 * The longest expression that the text begins with, read in one pass without going back. Of an operand of a condition,
 * dots and brackets are operators and no leniency.
 */
export function readRuntimeExpression(
  text: string,
  { isOperand = false } = {},
): { expression: RuntimeExpression; end: number } {
  if (text.length > EXPRESSION_LENGTH_MAX) {
    throw new ExpressionSyntaxError(`An expression has at most ${EXPRESSION_LENGTH_MAX} characters`, 0);
  }
  let position = 0;
  let leniency: string | undefined;
  const source = readSource();
  const segments = hasSegments(source) ? readSegments() : [];
  const expression = {
    text: text.slice(0, position),
    source,
    segments,
    ...(leniency === undefined ? {} : { leniency }),
  };
  return { expression, end: position };

  function readSource(): Source {
    const root = take(/\$[A-Za-z_]+/y)?.slice(1);
    switch (root) {
      case 'url':
      case 'method':
      case 'statusCode':
      case 'self':
        return { kind: root };
      case 'request':
      case 'response':
      case 'message':
        return { kind: root, ...readMessagePart() };
      case 'inputs':
      case 'outputs':
        return { kind: root, name: readName(`"$${root}"`, /[A-Za-z0-9._-]+/y, WORD) };
      case 'steps':
        return readStepOutput();
      case 'workflows':
        return readWorkflowValue();
      case 'sourceDescriptions': {
        const id = readName('"$sourceDescriptions"', /[A-Za-z0-9_-]+/y);
        return { kind: root, id, reference: readCharacters(`"$sourceDescriptions.${id}"`, 1) };
      }
      case 'components':
        return readComponent();
      case 'secrets':
      case 'config':
        return { kind: root, name: readName(`"$${root}"`, /[A-Za-z0-9_-]+/y) };
      case 'user':
      case 'current_user':
        if (take(/\.token(?![\w-])/y) === undefined) throw fault(`The only possible name is "$${root}.token"`);
        return { kind: 'current_user', name: 'token' };
      default:
        throw new ExpressionSyntaxError(
          `An expression must begin with one of ${roots.map((one) => `$${one}`).join(', ')}`,
          0,
        );
    }
  }

  function readMessagePart(): MessagePart {
    const start = position;
    const part = take(/\.[A-Za-z]+/y)?.slice(1);
    switch (part) {
      case 'headers':
        leniency = 'Write a header as ".header.<name>"';
        return { part: 'header', name: readHeader() };
      case 'header':
        return { part, name: readHeader() };
      case 'query':
      case 'path':
        return { part, name: readCharacters(`"${part}"`, 0) };
      case 'body':
      case 'payload':
        return { part, name: '' };
      default:
        position = start;
        throw fault(
          `${explainPart(part)}: the parts are .header.<name>, .query.<name>, .path.<name>, .body and .payload`,
        );
    }
  }

  function readHeader(): string {
    return readName('"header"', HEADER_NAME).toLowerCase();
  }

  function readStepOutput(): Source {
    const id = readName('"$steps"', /[A-Za-z0-9_-]+/y, WORDS_OF_ID);
    if (take(/\.outputs(?=\.)/y) === undefined) {
      const name = take(/\.(?!outputs(?![\w-]))[A-Za-z0-9_-]+(?=$|[[#\s])/y)?.slice(1);
      if (name === undefined) throw fault('The id of a step, without dots, must be followed by ".outputs.<name>"');
      leniency ??= `Write an output of a step as ".outputs.${name}"`;
      return { kind: 'steps', id, name };
    }
    return { kind: 'steps', id, name: readName('".outputs"', /[A-Za-z0-9._-]+/y, isOperand ? WORD : WORDS) };
  }

  function readWorkflowValue(): Source {
    const id = readName('"$workflows"', /[A-Za-z0-9_-]+/y, WORDS_OF_ID);
    if (take(/(?=\.steps\.)/y) !== undefined) {
      throw fault(
        'A step of another workflow is not a value: name an output of that workflow, "$workflows.<id>.outputs.<name>"',
      );
    }
    const field = take(/\.(?:inputs|outputs)(?=\.)/y)?.slice(1);
    if (field !== 'inputs' && field !== 'outputs') {
      throw fault('The id of a workflow must be followed by ".inputs.<name>" or ".outputs.<name>"');
    }
    return {
      kind: 'workflows',
      id,
      field,
      name: readName(`".${field}"`, /[A-Za-z0-9._-]+/y, isOperand ? WORD : WORDS),
    };
  }

  function readComponent(): Source {
    const field = take(/\.(?:parameters|successActions|failureActions|inputs)(?=\.)/y)?.slice(1);
    switch (field) {
      case 'inputs':
        leniency = 'Name the inputs of components with "$ref": "#/components/inputs/<name>"';
        break;
      case 'parameters':
      case 'successActions':
      case 'failureActions':
        break;
      default:
        throw fault(
          '"$components" must be followed by .parameters.<name>, .successActions.<name> or .failureActions.<name>',
        );
    }
    return { kind: 'components', field, name: readName(`".${field}"`, /[A-Za-z0-9._-]+/y) };
  }

  /** A dot and a name. What only `wide` admits, is taken with a warning. */
  function readName(after: string, strict: RegExp, wide = strict): string {
    if (take(/\./y) === undefined) throw fault(`A dot and a name are missing after ${after}`);
    const start = position;
    const isStrict = take(strict) !== undefined;
    const end = position;
    position = start;
    const name = take(wide);
    if (name === undefined) throw fault(`A name is missing after ${after}`);
    if (!isStrict || position > end) leniency ??= 'A name can only have letters without accents, digits, "_" and "-"';
    return name;
  }

  /** A dot and a name of any characters, in which a backslash escapes as in JSON. */
  function readCharacters(after: string, lengthMin: number): string {
    if (take(/\./y) === undefined) throw fault(`A dot and a name are missing after ${after}`);
    const name = take(/(?:[^"\\{}\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*/uy) ?? '';
    if (name.length < lengthMin) throw fault(`A name is missing after ${after}`);
    return name.includes('\\') ? (JSON.parse(`"${name}"`) as string) : name;
  }

  function readSegments(): string[] {
    const start = position;
    const members = readAccessors();
    if (members.length > 0 && !isOperand) {
      const pointer = members.reduce(appendPointer, '');
      leniency ??= `The grammar has no dots or brackets here: write ${text.slice(0, start)}#${pointer}`;
    }
    return [...members, ...readPointer()];
  }

  function readAccessors(): string[] {
    const members: string[] = [];
    for (;;) {
      const member = take(/\.[\p{L}\p{N}_@$:-]+/uy)?.slice(1) ?? readBrackets();
      if (member === undefined) return members;
      members.push(member);
    }
  }

  function readBrackets(): string | undefined {
    if (text[position] !== '[') return undefined;
    const index = take(/\[(?:0|[1-9]\d*)\]/y);
    if (index !== undefined) return index.slice(1, -1);
    const quoted = take(/\[(?:'[^'\\]*'|"[^"\\]*")\]/y);
    if (quoted !== undefined) return quoted.slice(2, -2);
    throw fault('Brackets contain an index or a name in quotes: for more, use a Selector Object with a JSONPath');
  }

  function readPointer(): string[] {
    const written = take(/#[^{}]*/y);
    if (written === undefined) return [];
    const start = position - written.length;
    let pointer = written.slice(1);
    const tilde = pointer.search(/~(?![01])/);
    if (tilde >= 0) throw new ExpressionSyntaxError('In a JSON Pointer, write "~" as ~0', start + 1 + tilde);
    if (pointer !== '' && !pointer.startsWith('/')) {
      leniency ??= 'A JSON Pointer must begin with "#/"';
      pointer = `/${pointer}`;
    }
    const segments = pointerSegments(pointer);
    const forbidden = segments.find(isRefusedKey);
    if (forbidden !== undefined)
      throw new ExpressionSyntaxError(`"${forbidden}" is not allowed in a JSON Pointer`, start);
    return segments;
  }

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = position;
    const found = pattern.exec(text)?.[0];
    position += found?.length ?? 0;
    return found;
  }

  function fault(message: string): ExpressionSyntaxError {
    return new ExpressionSyntaxError(message, position);
  }
}

const HEADER_NAME = new RegExp(`${HTTP_TOKEN_CHARACTER}+`, 'y');
/** Names in other alphabets; names with blanks, as generators make them of titles. */
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
