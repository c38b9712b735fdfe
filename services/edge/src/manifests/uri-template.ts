/** The values of the variables, decoded; undefined for a URI that is not of the template. */
export type MatchUri = (uri: string) => Record<string, string> | undefined;

/** RFC 6570, level 1: each `{name}` stands for one or more characters other than `/`, `?` and `#`. */
export function compileUriTemplate(uriTemplate: string): MatchUri {
  const names: string[] = [];
  const pattern = uriTemplate.replace(/\{(\w+)\}|[\\^$.*+?()[\]{}|]/g, (character, name?: string) => {
    if (name === undefined) return `\\${character}`;
    names.push(name);
    return '([^/?#]+)';
  });
  const matcher = new RegExp(`^${pattern}$`);
  return (uri) => {
    const match = matcher.exec(uri);
    if (match === null) return undefined;
    try {
      return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]));
    } catch {
      return undefined;
    }
  };
}
