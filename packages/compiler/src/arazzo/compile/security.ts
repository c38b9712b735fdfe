import { isDeepStrictEqual } from 'node:util';
import { type PlanParameter, type PlanStep, secretNameSchema } from '@toolplane/contracts';
import { headerNameProblem } from '../../http/header-name.ts';
import type { OpenApiOperation, SecurityNeed } from '../../openapi/model.ts';
import type { Parameter, SourceDescription } from '../model.ts';
import { isNamed } from './named-parameter.ts';

export type SchemeCredentials = {
  parameters: PlanParameter[];
  tokens: NonNullable<PlanStep['tokens']>;
  /** The secrets that the server does not have, by scheme. */
  missing: { scheme: string; secret: string }[];
  /**
   * Set if nothing is sent only because no credential is required: with the secrets of `missing`, credentials would be
   * sent.
   */
  isOptional?: true;
};

type Context = {
  source: SourceDescription;
  /** The parameters that the step sets itself: they take precedence over a scheme. */
  given: Parameter[];
  secretNames: readonly string[];
};

/**
 * Returns what the security of an operation adds to its request: the first alternative whose secrets the server has,
 * otherwise no credentials if that is an alternative, otherwise the first one. If secrets can fulfil no alternative,
 * returns the schemes that are not supported.
 */
export function addCredentials(
  operation: OpenApiOperation,
  context: Context,
): SchemeCredentials | { unsupported: string[] } {
  const alternatives = operation.security.map((needs) => toAlternative(needs, context));
  const usable = alternatives.filter(({ unsupported }) => unsupported.length === 0);
  const [first] = alternatives;
  if (first === undefined) return NONE;
  const chosen =
    usable.find(({ needs, missing }) => needs > 0 && missing.length === 0) ??
    usable.find(({ needs }) => needs === 0) ??
    usable[0];
  if (chosen === undefined) return { unsupported: first.unsupported };
  const { parameters, tokens, missing, needs } = chosen;
  const wanted = usable.find((alternative) => alternative.needs > 0);
  if (needs === 0 && wanted !== undefined) return { ...NONE, missing: wanted.missing, isOptional: true };
  return { parameters, tokens, missing };
}

const NONE: SchemeCredentials = { parameters: [], tokens: [], missing: [] };

type Alternative = SchemeCredentials & { needs: number; unsupported: string[] };

function toAlternative(needs: SecurityNeed[], context: Context): Alternative {
  const alternative: Alternative = { needs: needs.length, parameters: [], tokens: [], missing: [], unsupported: [] };
  for (const need of needs) {
    const secret = secretNameOf(need, context.source);
    const credential = toCredential(need, secret);
    if (credential === undefined) alternative.unsupported.push(need.schemeName);
    else if (isDeepStrictEqual(findSame(credential, alternative), credential.parameter)) continue;
    // Large APIs declare each flow of one authorization as a separate scheme, and require all of them.
    else if (need.scheme.type === 'oauth2' && findSame(credential, alternative) !== undefined) continue;
    else if (findSame(credential, alternative) !== undefined) alternative.unsupported.push(need.schemeName);
    else if (!isGiven(credential.parameter, context.given)) {
      alternative.parameters.push(credential.parameter);
      if (credential.token !== undefined) alternative.tokens.push(credential.token);
      if (!context.secretNames.includes(secret)) alternative.missing.push({ scheme: need.schemeName, secret });
    }
  }
  return alternative;
}

/** Finds what another scheme writes in the same location: only one of them could be sent. */
function findSame({ parameter: { name, in: place } }: Credential, { parameters }: Alternative) {
  return parameters.find((each) => isNamed(each, { name, in: place }));
}

function isGiven(parameter: PlanParameter, given: Parameter[]): boolean {
  return given.some(({ name, in: place }) => place !== undefined && isNamed(parameter, { name, in: place }));
}

type Credential = { parameter: PlanParameter; token?: SchemeCredentials['tokens'][number] };

function toCredential({ scheme, scopes }: SecurityNeed, secret: string): Credential | undefined {
  switch (scheme.type) {
    case 'apiKey': {
      if (scheme.in === 'header' && headerNameProblem(scheme.name) !== undefined) return undefined;
      const style = scheme.in === 'header' ? 'simple' : 'form';
      return {
        parameter: toParameter(scheme.name, scheme.in, style, { kind: 'reference', path: ['secrets', secret] }),
      };
    }
    case 'http':
      if (scheme.scheme === 'bearer') return { parameter: toBearer(secret) };
      if (scheme.scheme !== 'basic') return undefined;
      return {
        parameter: toAuthorization({
          kind: 'base64',
          of: { kind: 'reference', path: ['secrets', secret] },
          prefix: 'Basic ',
        }),
      };
    case 'oauth2': {
      if (scheme.clientCredentialsTokenUrl === undefined) return { parameter: toBearer(secret) };
      // No secret can have this name, so the token shadows none.
      const name = `${secret}.token`;
      const token = { name, secret, tokenUrl: scheme.clientCredentialsTokenUrl, scopes };
      return { parameter: toBearer(name), token };
    }
    case 'openIdConnect':
      return { parameter: toBearer(secret) };
    case 'mutualTLS':
      return undefined;
  }
}

function toBearer(secret: string): PlanParameter {
  return toAuthorization({ kind: 'text', parts: ['Bearer ', { path: ['secrets', secret] }] });
}

function toAuthorization(value: PlanParameter['value']): PlanParameter {
  return toParameter('Authorization', 'header', 'simple', value);
}

function toParameter(
  name: string,
  place: 'header' | 'query' | 'cookie',
  style: 'simple' | 'form',
  value: PlanParameter['value'],
): PlanParameter {
  return { name, in: place, style, explode: style === 'form', value, isCredential: true };
}

/** Returns the name in `x-secrets` of the source description, or else a name built from those of source and scheme. */
export function secretNameOf({ schemeName }: SecurityNeed, { name, secrets }: SourceDescription): string {
  const own = Object.hasOwn(secrets, schemeName) ? secrets[schemeName] : undefined;
  if (own !== undefined) return own;
  const made = `${name}_${schemeName}`.replaceAll(/[^A-Za-z0-9_]/g, '_').slice(0, 120);
  return secretNameSchema.safeParse(made).success ? made : `secret_${made}`;
}
