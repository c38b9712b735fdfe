import { secretNameSchema } from '@toolplane/contracts';
import type { Resolved } from '@toolplane/expressions';
import { findExpressions } from '@toolplane/expressions';
import type { Part } from '../../document/part.ts';
import { suggestName } from '../../document/suggest-name.ts';
import type { StepContext } from './context.ts';
import { locationNames } from './expression-location.ts';
import type { Resolution } from './resolution.ts';

/** Resolves `$secrets.…`, `$config.…` and `$current_user.token`, which may be sent to an operation but never shown. */
export function resolveCredential(
  { kind, name }: { kind: 'secrets' | 'config' | 'current_user'; name: string },
  { location, text, context, report }: Resolution,
): Resolved {
  if (location.kind !== 'request') {
    const hint = 'Secrets, the token of the user and configuration values can be used only in requests of operations.';
    report('error', 'credential_in_output', `${text} cannot be used in ${locationNames[location.kind]}`, hint);
  }
  if (location.kind === 'request' && kind === 'current_user') {
    const hint =
      'A connector of type oauth2_token_exchange exchanges it instead; a secret of the server needs no token of the caller.';
    report('warn', 'caller_token_passed_on', `${text} passes the token of the caller to the API unchanged`, hint);
  }
  if (kind !== 'secrets' && !context.isTrusted) {
    const hint = 'If it may use this, write x-trusted: true in its source description in the deployed document.';
    report('error', 'untrusted_document', `${text} is not available to the document of a source`, hint);
  }
  if (kind === 'secrets') checkSecret(name, context.options.secretNames, report);
  return { path: [kind, kind === 'config' ? name.toLowerCase().replaceAll('-', '_') : name] };
}

function checkSecret(name: string, secretNames: readonly string[], report: Resolution['report']): void {
  if (!secretNameSchema.safeParse(name).success) {
    const hint = 'A name starts with a letter, followed by letters, digits and underscores.';
    report('error', 'invalid_secret_name', `"${name}" cannot be the name of a secret`, hint);
  } else if (!secretNames.includes(name)) {
    const hint = suggestName(name, secretNames, 'Store it before the first call; the stored ones are');
    report('warn', 'unknown_secret', `The server has no secret "${name}" yet`, hint);
  }
}

/** Headers that contain credentials, whatever their value is. */
const credentialHeaders = new Set(['authorization', 'proxy-authorization', 'cookie']);

type RequestPart = 'headers' | 'query' | 'path' | 'body';

/** Returns true if this part of the current request contains a credential. `name` is the name of a header. */
export function isCredentialPart(part: RequestPart, name: string, { location, context }: Resolution): boolean {
  if (part === 'headers' && credentialHeaders.has(name)) return true;
  // After the last step, the request may be that of any step.
  const steps = 'step' in location ? [location.step] : context.steps;
  return steps.some((step) => sendsCredential(part, name, step));
}

function sendsCredential(part: RequestPart, name: string, { step, parameters }: StepContext): boolean {
  if (part === 'body') {
    const { payload, replacements = [] } = step.requestBody ?? {};
    const values = [
      ...replacements.flatMap(({ target, value }) => [target, value]),
      ...(payload === undefined ? [] : [payload]),
    ];
    return values.some(usesCredential);
  }
  const places = { headers: ['header'], query: ['query', 'querystring'], path: ['path'] }[part];
  return parameters.some(({ in: place = '', name: own, value }) => {
    return places.includes(place) && (part !== 'headers' || own.toLowerCase() === name) && usesCredential(value);
  });
}

/** Uses the parsers themselves, so that no way of writing an expression hides one. */
function usesCredential({ value }: Part): boolean {
  return findExpressions(value).some(({ source }) => {
    return source.kind === 'secrets' || source.kind === 'config' || source.kind === 'current_user';
  });
}
