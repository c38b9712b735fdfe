import { definedOnly } from '@toolplane/contracts';
import type { Parameter } from '../../descriptor/operation-schema.ts';
import type { ParameterDraft } from './parameter-draft.ts';

/** The maximum length that clients and models accept for the name of a property. */
const LENGTH_MAX = 64;

/**
 * Assigns names that are unique in the operation: the name on the wire if it is valid. A dot would denote nesting in a
 * body.
 */
export function nameParameters(drafts: readonly ParameterDraft[]): Parameter[] {
  const taken = new Set<string>();
  return drafts.map(({ location, wireName, schema, isRequired, description, style }) => {
    const fit = fitName(wireName, location);
    const asList = wireName.endsWith('[]') ? [`${fit}_list`] : [];
    const choices = [fit, ...asList, `${location}_${fit}`].map((each) => each.slice(0, LENGTH_MAX));
    const name = choices.find((each) => !taken.has(each)) ?? number(fit);
    taken.add(name);
    const single = isRequired && location !== 'path' ? onlyValue(schema) : undefined;
    return {
      name,
      ...(name === wireName ? {} : { send_as: wireName }),
      location,
      schema,
      ...definedOnly({
        required: isRequired || undefined,
        hidden: single === undefined ? undefined : true,
        default_value: single,
        description: description || undefined,
        style,
      }),
    };
  });

  function number(fit: string): string {
    for (let count = 2; ; count += 1) {
      const numbered = `${fit.slice(0, LENGTH_MAX - 5)}_${count}`;
      if (!taken.has(numbered)) return numbered;
    }
  }
}

export function fitName(wireName: string, location: Parameter['location']): string {
  const isFit = /^[A-Za-z0-9_-]{1,64}$/.test(wireName) || (!mayNest(location) && /^[\w.-]{1,64}$/.test(wireName));
  if (isFit) return wireName;
  const spoken = wireName.replaceAll('<', '_lt').replaceAll('>', '_gt').normalize('NFKD');
  const forbidden = mayNest(location) ? /[^A-Za-z0-9_-]+/g : /[^A-Za-z0-9_.-]+/g;
  const fit = spoken
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(forbidden, '_')
    .replaceAll(/^_+(?=[A-Za-z0-9])/g, '')
    .replaceAll(/(?<=[A-Za-z0-9])_+$/g, '');
  return /[A-Za-z0-9]/.test(fit) ? fit.slice(0, LENGTH_MAX) : location;
}

/** In a path, a name that begins with `config.` denotes a configuration key, so dots are not allowed. */
function mayNest(location: Parameter['location']): boolean {
  return location === 'body' || location === 'path';
}

/** A model has nothing to choose if the document allows only one value. */
function onlyValue({ const: constant, enum: values }: ParameterDraft['schema']): string | number | boolean | undefined {
  const value = constant ?? (Array.isArray(values) && values.length === 1 ? values[0] : undefined);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
