import { definedOnly } from '@toolplane/contracts';
import type { OpenApiEncoding, OperationBody } from './model.ts';
import type { OpenApiNode } from './open-api-node.ts';

const styles = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'] as const;

export function readBody(reference: OpenApiNode): OperationBody {
  const node = reference.follow();
  const description = reference.text('description') ?? node.text('description');
  const content = node.member('content')?.entries() ?? [];
  return {
    isRequired: node.member('required')?.value === true,
    ...(description === undefined ? {} : { description }),
    content: content.map(([mediaType, media]) => [mediaType, readMedia(media.follow())]),
  };
}

function readMedia(node: OpenApiNode): OperationBody['content'][number][1] {
  const schema = node.member('schema')?.follow();
  const fields = node.member('encoding')?.entries() ?? [];
  return {
    ...(schema === undefined ? {} : { schema: schema.value }),
    encoding: Object.fromEntries(fields.map(([name, field]) => [name, readEncoding(field)])),
  };
}

function readEncoding(node: OpenApiNode): OpenApiEncoding {
  const explode = node.member('explode')?.value;
  const allowReserved = node.member('allowReserved')?.value;
  return definedOnly({
    contentType: node.text('contentType'),
    style: styles.find((each) => each === node.text('style')),
    explode: typeof explode === 'boolean' ? explode : undefined,
    allowReserved: typeof allowReserved === 'boolean' ? allowReserved : undefined,
  });
}
