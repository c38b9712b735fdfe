import type { GivenAuthentication } from '@toolplane/compiler';
import { declaredHostSchema } from '@toolplane/contracts/declared-host';
import { InvalidArgumentError, Option } from 'commander';

/*
 * Options whose values are not plain text. Each use of a repeatable option has a single value: an option with a list of
 * values would also consume the arguments that follow.
 */

/** An option that is repeated for each value. */
export function repeated(flags: string, description: string): Option {
  const add = (text: string, before: readonly string[] = []) => [...before, text];
  return new Option(flags, `${description} (repeatable)`).argParser(add);
}

/** An option that is repeated for each name: `name=value`. */
export function named(flags: string, description: string): Option {
  const add = (text: string, before: ReadonlyMap<string, string>) => {
    const at = text.indexOf('=');
    if (at < 1) throw new InvalidArgumentError('Write name=value.');
    return new Map([...before, [text.slice(0, at), text.slice(at + 1)]]);
  };
  return new Option(flags, `${description} (repeatable)`).argParser(add).default(new Map(), 'none');
}

/** The files of the source descriptions of an Arazzo document. */
export function references(): Option {
  return named(
    '--reference <name=file>',
    'file of a source description; a source with a relative URL is found without this',
  );
}

/** The authentication that an API requires, if its document does not declare it. */
export function givenAuthentication(): Option {
  const read = (text: string): GivenAuthentication => {
    if (text === 'bearer' || text === 'basic') return { type: text };
    const [type, header = ''] = text.split(/=(.*)/s, 2);
    if (type === 'api_key' && header !== '') return { type, header };
    throw new InvalidArgumentError('Write bearer, basic or api_key=<header>, for instance api_key=X-API-Key.');
  };
  const description = 'if the document says nothing about security: bearer, basic or api_key=<header>';
  return new Option('--authentication <type>', description).argParser(read);
}

/** The hosts to which a secret may be sent. */
export function hosts(): Option {
  const add = (text: string, before: readonly string[] = []) => {
    const parsed = declaredHostSchema.safeParse(text);
    if (parsed.success) return [...before, text];
    const meant = URL.parse(text)?.host;
    const hint = meant === undefined || meant === '' ? '' : ` Did you mean ${meant}?`;
    throw new InvalidArgumentError(`Not a host: it ${parsed.error.issues[0]?.message}.${hint}`);
  };
  return new Option('--host <host>', 'where it may be sent: host, host:port or *.host (repeatable)')
    .argParser(add)
    .makeOptionMandatory();
}

/** Reads an option whose value is a count. */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : -1;
    if (number >= min) return number;
    throw new InvalidArgumentError(`It must be a whole number of at least ${min}.`);
  };
}
