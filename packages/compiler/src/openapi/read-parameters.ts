import { definedOnly } from '@toolplane/contracts';
import { OpenApiError, type OperationParameter } from './model.ts';
import type { OpenApiNode } from './open-api-node.ts';

type ParameterLocation = OperationParameter['in'];
type Style = OperationParameter['style'];

/** The first style of each location is its default. */
const styles: Record<ParameterLocation, readonly [Style, ...Style[]]> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
  querystring: ['form'],
};

/** OpenAPI declares these three headers elsewhere. */
const IGNORED_HEADERS = ['accept', 'content-type', 'authorization'];

/** Parameters of the operation replace those of its path that have the same name and location. */
export function readParameters(
  ofPath: OpenApiNode | undefined,
  ofOperation: OpenApiNode | undefined,
): OperationParameter[] {
  const merged = new Map<string, OperationParameter>();
  for (const node of [...(ofPath?.items() ?? []), ...(ofOperation?.items() ?? [])]) {
    const parameter = readParameter(node);
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

function readParameter(reference: OpenApiNode): OperationParameter {
  const node = reference.follow();
  const where = readWhere(node);
  const style = readStyle(node, where);
  const explode = node.member('explode')?.value;
  const [content] = node.member('content')?.entries() ?? [];
  const schema = (content === undefined ? node : content[1].follow()).member('schema')?.follow();
  return {
    name: node.requiredText('name'),
    in: where,
    isRequired: where === 'path' || node.member('required')?.value === true,
    style,
    explode: typeof explode === 'boolean' ? explode : style === 'form',
    allowReserved: node.member('allowReserved')?.value === true,
    ...definedOnly({
      contentType: content?.[0],
      description: reference.text('description') ?? node.text('description'),
      schema: schema?.value,
    }),
  };
}

function readWhere(node: OpenApiNode): ParameterLocation {
  const text = node.requiredText('in');
  const where = (Object.keys(styles) as ParameterLocation[]).find((each) => each === text);
  if (where === undefined) throw new OpenApiError(`Parameters cannot be in ${JSON.stringify(text)}`, node.pointer);
  return where;
}

/** Many public documents have a style that is not allowed at its location; all tools read it as the default. */
function readStyle(node: OpenApiNode, where: ParameterLocation): Style {
  const text = node.text('style');
  return styles[where].find((style) => style === text) ?? styles[where][0];
}
