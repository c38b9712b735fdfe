import { bodyKindOf } from '../../http/body-kind.ts';
import type { Parameter } from '../descriptor/operation-schema.ts';
import { wireName } from '../descriptor/wire-name.ts';
import { nameOf } from './check-parameters.ts';
import type { OperationContext } from './operation-context.ts';

const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+(?:\s*;[\t\x20-\x7e]*)?$/;

export function checkBody(context: OperationContext): void {
  const { draft, operation, index, part } = context;
  const body = operation.parameters.flatMap((parameter, at) =>
    parameter.location === 'body' ? [{ parameter, at }] : [],
  );
  const [first] = body;
  if (first !== undefined && (operation.method === 'GET' || operation.method === 'HEAD')) {
    const place = draft.at('operations', index, 'parameters', first.at, 'location');
    place.error('body_not_allowed', `A ${operation.method} request has no body`, 'Use query, or another method.');
  }
  if (operation.body_root !== undefined) checkRoot(context, body);
  else checkNesting(context, body);
  if (operation.content_type !== undefined) checkContentType(context);
  if (operation.body_root === undefined && operation.content_type !== undefined && first === undefined) {
    part.place('content_type').warn('no_body', 'This sets the type of a body, but there is no body', 'Remove it.');
  }
}

type Placed = { parameter: Parameter; at: number };

function checkRoot({ draft, operation, index, part }: OperationContext, body: Placed[]): void {
  const { body_root: root = '' } = operation;
  const isKnown = body.some(({ parameter }) => parameter.name === root);
  const path = ['operations', index, 'parameters'] as const;
  if (!isKnown && draft.hasUnnamed(['name'], ...path)) return;
  if (!isKnown && !draft.names(['name'], ...path).has(root)) {
    const hint = 'Name a parameter whose location is body.';
    part.place('body_root').error('unknown_parameter', `There is no body parameter "${root}"`, hint);
    return;
  }
  for (const { parameter, at } of body) {
    if (parameter.name === root) continue;
    const message = `"${root}" is already the whole body`;
    draft.at('operations', index, 'parameters', at).error('body_not_alone', message, 'Remove body_root, or this.');
  }
}

/** Dots denote nesting: a name that is an object for one parameter cannot be a value for another. */
function checkNesting({ draft, index }: OperationContext, body: Placed[]): void {
  const values = new Set<string>();
  const objects = new Set<string>();
  for (const { parameter, at } of body) {
    const name = wireName(parameter);
    const segments = name.split('.');
    const place = nameOf(draft.at('operations', index, 'parameters', at), parameter);
    if (segments.some((segment) => segment === '' || segment === '__proto__')) {
      place.error(
        'invalid_name',
        'In a body parameter, a name must precede and follow every dot',
        'For example, write fields.title.',
      );
    }
    const around = segments.slice(0, -1).map((_, depth) => segments.slice(0, depth + 1).join('.'));
    if (objects.has(name) || around.some((each) => values.has(each))) {
      const message = `"${name}" is an object for one parameter and a value for another`;
      place.error('conflicting_parameter', message, 'Keep the whole, or its parts.');
    }
    values.add(name);
    for (const each of around) objects.add(each);
  }
}

function checkContentType({ operation, part }: OperationContext): void {
  const { content_type: type = '', body_encoding: encoding, body_root: root } = operation;
  const place = part.place('content_type');
  if (!MEDIA_TYPE.test(type)) {
    place.error('invalid_content_type', 'This is not a media type', 'For example, write application/vnd.api+json.');
    return;
  }
  const kind = bodyKindOf(type);
  const isOther = kind === 'xml' || kind === 'text' || kind === 'base64';
  if (kind === encoding || (isOther && root !== undefined)) return;
  const hint = isOther ? 'Name the parameter that is the whole body in body_root.' : `Write body_encoding: ${kind}.`;
  place.error('conflicting_content_type', `A body that is written as ${encoding} is not ${type}`, hint);
}
