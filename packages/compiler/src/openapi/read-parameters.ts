import { definedOnly } from '@toolplane/contracts';
import { OpenApiError, type OperationParameter } from './model.ts';
import type { Place } from './place.ts';

type PlaceOfParameter = OperationParameter['in'];
type Style = OperationParameter['style'];

/** The first style of each location is its default. */
const styles: Record<PlaceOfParameter, readonly [Style, ...Style[]]> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
  querystring: ['form'],
};

/** OpenAPI declares these three headers elsewhere. */
const IGNORED_HEADERS = ['accept', 'content-type', 'authorization'];

/** Parameters of the operation replace those of its path that have the same name and location. */
export function readParameters(ofPath: Place | undefined, ofOperation: Place | undefined): OperationParameter[] {
  const merged = new Map<string, OperationParameter>();
  for (const place of [...(ofPath?.items() ?? []), ...(ofOperation?.items() ?? [])]) {
    const parameter = readParameter(place);
    if (parameter.in === 'header' && IGNORED_HEADERS.includes(parameter.name.toLowerCase())) continue;
    merged.set(keyOf(parameter), parameter);
  }
  const parameters = [...merged.values()];
  const wholeQuery = parameters.filter((each) => each.in === 'querystring').length;
  if (wholeQuery > 1 || (wholeQuery === 1 && parameters.some((each) => each.in === 'query'))) {
    const message = 'A parameter in "querystring" is the whole query: there cannot be another one';
    throw new OpenApiError(message, (ofOperation ?? ofPath)?.pointer ?? '');
  }
  return parameters;
}

function keyOf(parameter: OperationParameter): string {
  return `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`;
}

function readParameter(reference: Place): OperationParameter {
  const place = reference.follow();
  const where = readWhere(place);
  const style = readStyle(place, where);
  const explode = place.member('explode')?.value;
  const [content] = place.member('content')?.entries() ?? [];
  const schema = (content === undefined ? place : content[1].follow()).member('schema')?.follow();
  return {
    name: place.requiredText('name'),
    in: where,
    isRequired: where === 'path' || place.member('required')?.value === true,
    style,
    explode: typeof explode === 'boolean' ? explode : style === 'form',
    allowReserved: place.member('allowReserved')?.value === true,
    ...definedOnly({
      contentType: content?.[0],
      description: reference.text('description') ?? place.text('description'),
      schema: schema?.value,
    }),
  };
}

function readWhere(place: Place): PlaceOfParameter {
  const text = place.requiredText('in');
  const where = (Object.keys(styles) as PlaceOfParameter[]).find((each) => each === text);
  if (where === undefined) throw new OpenApiError(`Parameters cannot be in ${JSON.stringify(text)}`, place.pointer);
  return where;
}

/** Many public documents have a style that is not allowed at its location; all tools read it as the default. */
function readStyle(place: Place, where: PlaceOfParameter): Style {
  const text = place.text('style');
  return styles[where].find((style) => style === text) ?? styles[where][0];
}
