import { definedOnly } from '@toolplane/contracts';
import type { FieldEncoding, OperationBody } from './model.ts';
import type { Place } from './place.ts';

const styles = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'] as const;

export function readBody(reference: Place): OperationBody {
  const place = reference.follow();
  const description = reference.text('description') ?? place.text('description');
  const content = place.member('content')?.entries() ?? [];
  return {
    isRequired: place.member('required')?.value === true,
    ...(description === undefined ? {} : { description }),
    content: content.map(([mediaType, media]) => [mediaType, readMedia(media.follow())]),
  };
}

function readMedia(place: Place): OperationBody['content'][number][1] {
  const schema = place.member('schema')?.follow();
  const fields = place.member('encoding')?.entries() ?? [];
  return {
    ...(schema === undefined ? {} : { schema: schema.value }),
    encoding: Object.fromEntries(fields.map(([name, field]) => [name, readEncoding(field)])),
  };
}

function readEncoding(place: Place): FieldEncoding {
  const explode = place.member('explode')?.value;
  const allowReserved = place.member('allowReserved')?.value;
  return definedOnly({
    contentType: place.text('contentType'),
    style: styles.find((each) => each === place.text('style')),
    explode: typeof explode === 'boolean' ? explode : undefined,
    allowReserved: typeof allowReserved === 'boolean' ? allowReserved : undefined,
  });
}
