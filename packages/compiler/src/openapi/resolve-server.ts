import { OpenApiError, type ServerChoice } from './model.ts';

type Settings = {
  /** The URL at which the document is served: relative URLs are resolved against it. */
  location: string;
  /** Values that replace the defaults of the server's variables. */
  variables?: Readonly<Record<string, string>>;
  /** A URL that replaces the whole server, including its base path. */
  override?: string;
};

/**
 * Returns an absolute URL without a slash at its end, to which the path of an operation is appended. Throws
 * `OpenApiError`.
 */
export function resolveServer(choice: ServerChoice, { location, variables = {}, override }: Settings): string {
  if (override !== undefined) return toBase(override, '');
  return toBase(
    choice.url.replace(/\{([^{}]*)\}/g, (_, name: string) => variable(name)),
    location,
  );

  function variable(name: string): string {
    const declared = Object.hasOwn(choice.variables, name) ? choice.variables[name] : undefined;
    const given = Object.hasOwn(variables, name) ? variables[name] : undefined;
    const value = given ?? declared?.default;
    if (value === undefined) throw refuse(`has no value for its variable "${name}"`);
    // A default outside its own list is accepted, because the document is responsible for it.
    if (given !== undefined && declared?.enum !== undefined && !declared.enum.includes(given)) {
      throw refuse(`allows for its variable "${name}" only ${declared.enum.slice(0, 20).join(', ')}`);
    }
    return value;
  }

  function toBase(text: string, base: string): string {
    if (!URL.canParse(text, base === '' ? undefined : base)) {
      throw refuse(
        URL.canParse(text, 'http://relative.invalid') ? 'is relative to an unknown location' : 'is not a URL',
      );
    }
    const url = new URL(text, base === '' ? undefined : base);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('is not an HTTP URL');
    // The URL parser accepts braces in a host, and they would be read as a placeholder.
    if (/[{}]/.test(url.host)) throw refuse('has braces in its host');
    if (url.username !== '' || url.password !== '') throw refuse('contains credentials');
    if (url.search !== '' || url.hash !== '') throw refuse('has a query or a fragment');
    return url.origin + url.pathname.replace(/\/+$/, '');
  }

  function refuse(reason: string): OpenApiError {
    const text = override ?? choice.url;
    return new OpenApiError(`The server URL ${JSON.stringify(text.slice(0, 200))} ${reason}`, '/servers');
  }
}
