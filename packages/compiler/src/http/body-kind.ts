/** How a body of a media type is serialized. */
export type BodyKind = 'json' | 'xml' | 'form' | 'multipart' | 'base64' | 'text';

export function bodyKindOf(contentType: string): BodyKind {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (/^[^/]+\/(?:.+\+)?json$/.test(type)) return 'json';
  if (/[/+]xml$/.test(type)) return 'xml';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type.startsWith('multipart/')) return 'multipart';
  return isBinary(type) ? 'base64' : 'text';
}

const binaryTypes = [
  /^(?:image|audio|video|font|model)\//,
  /^application\/(?:octet-stream|pdf|zip|gzip|zstd|cbor|msgpack|protobuf|wasm|msword|java-archive)$/,
  /^application\/x-(?:tar|gzip|bzip2|7z-compressed|zip-compressed|msgpack|protobuf)$/,
  /^application\/vnd\.(?:openxmlformats-officedocument|oasis\.opendocument|google\.protobuf|msgpack|ms-(?:excel|powerpoint))\b/,
  /\+(?:zip|gzip|cbor)$/,
];

/** Any other type may be text: most vendor types are text formats. */
function isBinary(type: string): boolean {
  return binaryTypes.some((pattern) => pattern.test(type));
}
