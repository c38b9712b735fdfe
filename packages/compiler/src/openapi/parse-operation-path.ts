export type OperationPath = {
  /** The name of a source description, or its URL. */
  source: string;
  /** The JSON Pointer to the operation. */
  pointer: string;
  /** True if the path is written in a form that public documents use but Arazzo does not define. */
  isLenient: boolean;
};

/**
 * Parses `{$sourceDescriptions.petstore.url}#/paths/~1pets~1{id}/get`, and also `petstore#/paths/…`. The braces of a
 * path template look like an expression, so the text is split at its first `#` and no expression in it is evaluated.
 */
export function parseOperationPath(text: string): OperationPath | undefined {
  const [, before = '', fragment = ''] = /^([^#]+)#(\/.*)$/s.exec(text.trim()) ?? [];
  if (before === '') return undefined;
  const exact = /^\{\$sourceDescriptions\.([^{}]+)\.url\}$/.exec(before)?.[1];
  const close = /^\{?\$sourceDescriptions\.([^{}]+?)(?:\.url)?\}?$/.exec(before)?.[1];
  return { source: exact ?? close ?? before, pointer: decode(fragment), isLenient: exact === undefined };
}

/** A path may contain a literal percent sign that is not encoded. */
function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
