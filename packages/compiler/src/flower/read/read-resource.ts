import type { Part } from '../../document/part.ts';
import { suggestName } from '../../document/suggest-name.ts';
import type { Completable, DeclaredResource, Expression } from '../model.ts';
import { composeList, composeMap, literal } from './compose-expression.ts';
import { extensions } from './extensions.ts';
import { readCompletable, toInputs } from './read-completable.ts';
import { checkMimeType, checkUri, readTextOrBlob } from './read-content.ts';
import { readDisplayFields } from './read-display-fields.ts';
import { refuseExpressions } from './read-expression.ts';
import { procedureKeys, readProcedure } from './read-procedure.ts';
import { readUriTemplate } from './read-uri-template.ts';

const KEYS = [
  'uri',
  'uri_template',
  'name',
  'title',
  'description',
  'mime_type',
  'x-icons',
  'variables',
  'text',
  'blob',
  ...procedureKeys,
];

export function readResource(part: Part): DeclaredResource {
  part.allowKeys(KEYS, extensions);
  const address = part.onlyOne(['uri', 'uri_template']);
  if (address !== undefined) refuseExpressions(address.part);
  const isTemplate = address?.key === 'uri_template';
  const { template, names } = isTemplate ? readUriTemplate(address.part) : { names: [] };
  const uri = (address?.key === 'uri' ? checkUri(address.part) : template) ?? '';
  const variables = readVariables(part.member('variables'), names);
  const mimeType = checkedMimeType(part.member('mime_type'));
  return {
    noun: 'resource',
    ...readProcedure(part, { needsSteps: false }),
    ...readDisplayFields(part, { title: 'title' }),
    uri,
    isTemplate,
    name: part.required('name')?.textLike(/\S/, 'invalid_name', 'The name is empty', 'Name the resource.') ?? '',
    ...(mimeType === undefined ? {} : { mimeType }),
    variables,
    inputs: toInputs(variables),
    outputs: [],
    content: readContents(part, { uri: isTemplate ? undefined : uri, mimeType }),
    analytics: [],
  };
}

function checkedMimeType(part: Part | undefined): string | undefined {
  return part === undefined ? undefined : checkMimeType(part);
}

/** Returns every variable of the template in its order; `variables` only describes them. */
function readVariables(part: Part | undefined, names: string[]): Completable[] {
  for (const [name, variable] of part?.entries() ?? []) {
    if (names.includes(name)) continue;
    const hint = suggestName(name, names, 'Variables of the template');
    variable.error('unknown_variable', `The template has no variable "${name}"`, hint, { at: 'key' });
  }
  return names.map((name) => readCompletable(name, part?.member(name), { canBeRequired: false }));
}

/** For a template, the URI is known only when the resource is read. */
function readContents(
  part: Part,
  { uri, mimeType }: { uri: string | undefined; mimeType: string | undefined },
): Expression {
  const contents = composeMap('contents', part, [
    uri === undefined ? undefined : literal('uri', part, uri),
    mimeType === undefined ? undefined : literal('mimeType', part, mimeType),
    readTextOrBlob(part),
  ]);
  return composeList('contents', part, [contents]);
}
