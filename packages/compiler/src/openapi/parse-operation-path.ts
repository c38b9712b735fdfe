export type OperationPath = {
  /** Name of a source description, or its URL. */
  source: string;
  /** JSON Pointer to the operation. */
  pointer: string;
  /** Written in a form that Arazzo does not have and public documents use. */
  isLenient: boolean;
};

/**
 * `{$sourceDescriptions.petstore.url}#/paths/~1pets~1{id}/get`, also `petstore#/paths/…`. The braces of a path template
 * look like an expression, so the text is split at its first `#` and nothing in it is put in.
 */
export function parseOperationPath(text: string): OperationPath | undefined {
  const [, before = '', fragment = ''] = /^([^#]+)#(\/.*)$/s.exec(text.trim()) ?? [];
  if (before === '') return undefined;
  const exact = /^\{\$sourceDescriptions\.([^{}]+)\.url\}$/.exec(before)?.[1];
  const close = /^\{?\$sourceDescriptions\.([^{}]+?)(?:\.url)?\}?$/.exec(before)?.[1];
  return { source: exact ?? close ?? before, pointer: decode(fragment), isLenient: exact === undefined };
}

/** A path may have a literal percent sign that nobody encoded. */
function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
