/** Returns the decoded values of the variables, or undefined for a URI that does not match the template. */
export type MatchUri = (uri: string) => Record<string, string> | undefined;

/** Longer URIs match nothing. */
export const URI_LENGTH_MAX = 2048;

/**
 * Compiles a URI template (RFC 6570, level 1). Each `{name}` stands for one or more characters other than `/`, `?` and
 * `#`. A value ends at the first occurrence of the text behind its variable; for the last variable, that text has to be
 * at the end of the URI. Written by hand, because templates come from users and would backtrack as regular expressions.
 */
export function compileUriTemplate(uriTemplate: string): MatchUri {
  const [head = '', ...rest] = uriTemplate.split('{');
  const variables = rest.map((part) => {
    const end = part.indexOf('}');
    return { name: part.slice(0, end), textBehind: part.slice(end + 1) };
  });
  return (uri) => {
    if (uri.length > URI_LENGTH_MAX || !uri.startsWith(head)) return undefined;
    const values: [string, string][] = [];
    let at = head.length;
    for (const [index, { name, textBehind }] of variables.entries()) {
      const isLast = index === variables.length - 1;
      // At least one character belongs to the value.
      const end = isLast ? uri.length - textBehind.length : uri.indexOf(textBehind, at + 1);
      const value = end > at ? decode(uri.slice(at, end)) : undefined;
      if (value === undefined) return undefined;
      values.push([name, value]);
      at = end + textBehind.length;
    }
    const isWhole = variables.length === 0 ? uri === uriTemplate : uri.endsWith(variables.at(-1)?.textBehind ?? '');
    return isWhole ? Object.fromEntries(values) : undefined;
  };
}

/** Returns undefined for a text that no variable can stand for. */
function decode(text: string): string | undefined {
  if (/[/?#]/.test(text)) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
