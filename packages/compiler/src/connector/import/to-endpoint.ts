import type { OpenApiOperation } from '../../openapi/model.ts';
import { resolveServer } from '../../openapi/resolve-server.ts';
import { fitName } from './parameters/name-parameters.ts';
import { type ParameterDraft, Unimportable } from './parameters/parameter-draft.ts';
import { wordsOf } from './tools/words.ts';

export type OperationEndpoint = {
  url: string;
  /** The parameters of the path in its order. `fixed` contains those that a query in the path fixes. */
  drafts: ParameterDraft[];
  fixed: { name: string; value: string }[];
};

/**
 * Returns the absolute URL of an operation, with a path parameter for each of its templates: many documents omit the
 * declaration of one, and declare others that the path does not have.
 */
export function toEndpoint(
  { path: whole }: OpenApiOperation,
  base: string,
  declared: readonly ParameterDraft[],
): OperationEndpoint {
  const [path = '', query = ''] = whole.split(/\?(.*)/s, 2);
  const drafts: ParameterDraft[] = [];
  const names = new Map<string, string>();
  const url = path.replaceAll(/\{([^{}]*)\}|[^{}]+|[{}]/g, (piece, template?: string) => {
    if (template === undefined) return encodeText(piece);
    const known = names.get(template);
    if (known !== undefined) return `{${known}}`;
    const name = freeName(fitName(template, 'path'));
    names.set(template, name);
    const draft = declared.find(({ location, wireName }) => location === 'path' && wireName === template);
    const undeclared = { schema: { type: 'string' } };
    const described = draft?.description || `${toPhrase(template)}, in the path ${whole.slice(0, 200)}.`;
    drafts.push({
      ...undeclared,
      ...draft,
      description: described,
      location: 'path',
      wireName: name,
      isRequired: true,
    });
    return `{${name}}`;
  });
  return { url: base + url, drafts, fixed: fixedOf(query, declared) };

  function freeName(fit: string): string {
    let free = fit;
    for (let number = 2; [...names.values()].includes(free); number += 1) free = `${fit.slice(0, 60)}_${number}`;
    return free;
  }
}

function toPhrase(name: string): string {
  const words = wordsOf(name).join(' ') || name;
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** Braces that enclose no name would be read as a template. */
function encodeText(text: string): string {
  return text.replaceAll(/[\s"<>^`{|}\\\u0080-\u{10ffff}]+/gu, (each) => encodeURIComponent(each.toWellFormed()));
}

/** `?lang={lang}` only shows that the query has a parameter of this name. */
function fixedOf(query: string, declared: readonly ParameterDraft[]): OperationEndpoint['fixed'] {
  return [...new URLSearchParams(query)].flatMap(([name, value]) => {
    if (!/[{}]/.test(value)) return [{ name, value }];
    if (declared.some(({ location, wireName }) => location === 'query' && wireName === name)) return [];
    throw new Unimportable('The query in its path has templates');
  });
}

/** Returns the base URL at which the operation is called, without a slash at its end. Throws `OpenApiError`. */
export function baseOf(
  { servers }: OpenApiOperation,
  { location, serverUrl }: { location: string; serverUrl?: string },
) {
  const [first] = servers;
  if (serverUrl === undefined && first === undefined) throw new Unimportable('It has no server');
  const override = serverUrl === undefined ? {} : { override: serverUrl };
  return resolveServer(first ?? { url: '/', variables: {} }, { location, ...override });
}
