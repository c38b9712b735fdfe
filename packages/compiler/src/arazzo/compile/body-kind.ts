/** How a body of a media type is written. */
export type BodyKind = 'json' | 'xml' | 'form' | 'multipart' | 'base64' | 'text';

export function bodyKindOf(contentType: string): BodyKind {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (/^[^/]+\/(?:.+\+)?json$/.test(type)) return 'json';
  if (/[/+]xml$/.test(type)) return 'xml';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type.startsWith('multipart/')) return 'multipart';
  return isBinary(type) ? 'base64' : 'text';
}

const binaryTypes =
  /^application\/(?:octet-stream|pdf|zip|gzip|x-(?:tar|gzip|protobuf)|protobuf|cbor|msgpack|vnd\..*)$/;

function isBinary(type: string): boolean {
  return (
    /^(?:image|audio|video|font|model)\//.test(type) || (binaryTypes.test(type) && !/[+.](?:text|yaml)$/.test(type))
  );
}
