import type { PlanRequest, Template } from '@toolplane/contracts';
import { bodyKindOf } from '../../http/body-kind.ts';
import type { Operation, Parameter } from '../descriptor/operation-schema.ts';
import { isDeep } from '../descriptor/parameter-type.ts';
import { wireName } from '../descriptor/wire-name.ts';

type Body = Pick<PlanRequest, 'body' | 'bodyType' | 'fields'>;

type Members = Map<string, Template | Members>;

/** Writes the value of a parameter at its location in a request. */
export type Write = (parameter: Parameter) => Template;

export function toBody(operation: Operation, write: Write): Body {
  const parameters = operation.parameters.filter(({ location }) => location === 'body');
  if (parameters.length === 0) return {};
  const bodyType = bodyTypeOf(operation);
  const root = parameters.find(({ name }) => name === operation.body_root);
  if (root !== undefined) return { body: write(root), bodyType };
  const members: Members = new Map();
  for (const parameter of parameters) place(members, pathOf(parameter), write(parameter));
  const fields = fieldsOf(operation, parameters);
  return { body: toMap(members), bodyType, ...(Object.keys(fields).length === 0 ? {} : { fields }) };
}

function bodyTypeOf({ body_encoding: encoding, content_type: type }: Operation): NonNullable<PlanRequest['bodyType']> {
  const kind = type === undefined ? encoding : bodyKindOf(type);
  return kind === 'xml' ? 'text' : kind;
}

/** Dots denote nesting. */
function pathOf(parameter: Parameter): string[] {
  return wireName(parameter).split('.');
}

function place(members: Members, [key = '', ...deeper]: string[], value: Template): void {
  if (deeper.length === 0) {
    members.set(key, value);
    return;
  }
  const known = members.get(key);
  const inside: Members = known instanceof Map ? known : new Map();
  members.set(key, inside);
  place(inside, deeper, value);
}

function toMap(members: Members): Extract<Template, { kind: 'map' }> {
  const entries = [...members].map(([key, member]): [string, Template] => {
    return [key, member instanceof Map ? { ...toMap(member), canBeAbsent: true } : member];
  });
  return { kind: 'map', entries, sparse: true };
}

/** Returns the encodings of a form that differ from repeating a field: `a,b` and `field[key]`. */
function fieldsOf({ body_encoding: encoding }: Operation, parameters: Parameter[]): NonNullable<PlanRequest['fields']> {
  if (encoding !== 'form') return {};
  return Object.fromEntries(
    parameters.flatMap((parameter): [string, { style: 'form' | 'deepObject'; explode: boolean }][] => {
      const [field = '', ...deeper] = pathOf(parameter);
      if (deeper.length > 0 || isDeep(parameter)) return [[field, { style: 'deepObject', explode: true }]];
      return parameter.style === 'comma' ? [[field, { style: 'form', explode: false }]] : [];
    }),
  );
}
