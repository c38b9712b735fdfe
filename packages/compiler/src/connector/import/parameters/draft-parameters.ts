import { looksLikeCredential } from '../../../ergonomics/looks-like-credential.ts';
import { headerNameProblem } from '../../../http/header-name.ts';
import type { OperationParameter } from '../../../openapi/model.ts';
import { kindsOf, withListType } from '../schemas/kinds-of.ts';
import { describe, withoutDescription } from '../texts/describe.ts';
import { bracketNames, draftMembers, type MemberNames } from './draft-members.ts';
import { type DraftContext, encodedReserved, type ParameterDraft, textOf } from './parameter-draft.ts';

/** `places` contains the names of the headers and query parameters that sign-in fills, in lower case. */
type Credentials = { places: ReadonlySet<string>; isSignedIn: boolean };

export function draftParameters(
  parameters: readonly OperationParameter[],
  credentials: Credentials,
  context: DraftContext,
): ParameterDraft[] {
  return parameters.flatMap((parameter) => {
    if (isCredential(parameter, credentials, context)) return [];
    const problem = problemOf(parameter);
    if (problem === undefined) {
      const isPercentEncoded = parameter.in === 'query' || parameter.in === 'path';
      const place = `${parameter.in} parameter "${parameter.name}"`;
      if (parameter.allowReserved && isPercentEncoded) context.sendOtherwise(encodedReserved(place));
      return draftParameter(parameter, context);
    }
    context.leaveOut(`the ${parameter.in} parameter "${parameter.name}"`, problem, parameter.isRequired);
    return [];
  });
}

/** A model is never asked for credentials. */
function isCredential(
  { name, in: place, schema }: OperationParameter,
  { places, isSignedIn }: Credentials,
  { leaveToSignIn }: DraftContext,
): boolean {
  if (place !== 'header' && place !== 'query') return false;
  if (!places.has(name.toLowerCase()) && !(isSignedIn && looksLikeCredential(name, schema))) return false;
  leaveToSignIn(name);
  return true;
}

function problemOf({ in: place, name, style }: OperationParameter): string | undefined {
  if (place === 'cookie') return 'is in a cookie';
  if (place === 'querystring') return 'is the whole query';
  if (name.length > 200 || name === '') return 'has a name that cannot be sent';
  if (place === 'path' && style !== 'simple') return `is written in the style ${style}`;
  if (place !== 'header') return undefined;
  const problem = headerNameProblem(name);
  return problem?.code === 'reserved_header' ? 'is a header that the platform sets' : problem && 'has an invalid name';
}

function draftParameter(parameter: OperationParameter, context: DraftContext): ParameterDraft[] {
  const { in: place, name, isRequired, style, explode, schema, contentType } = parameter;
  const { schemas } = context;
  const location = place as ParameterDraft['location'];
  const { description: ofSchema, default: value } = schemas.resolve(schema);
  const description = describe([parameter.description, ofSchema], value);
  const draft = { location, wireName: name, isRequired, description };
  if (contentType !== undefined) return [{ ...draft, schema: textOf(contentType) }];
  const kinds = kindsOf(schema, schemas);
  const members = memberNames(parameter);
  if (kinds.has('object') || style === 'deepObject') {
    if (members !== undefined) return draftMembers({ ...draft, schema: schemas.resolve(schema) }, members, context);
    if (!kinds.has('scalar')) {
      context.leaveOut(`the ${place} parameter "${name}"`, 'is an object that cannot be written there', isRequired);
      return [];
    }
  }
  const isDelimited = !explode && (style === 'spaceDelimited' || style === 'pipeDelimited');
  if (kinds.has('array') && isDelimited) {
    context.leaveOut(`the ${place} parameter "${name}"`, `is a list in the style ${style}`, isRequired);
    return [];
  }
  const written = withListType(withoutDescription(schemas.write(schema)), kinds);
  if (!kinds.has('array') || place !== 'query') return [{ ...draft, schema: written }];
  const isTyped = [written['type'] ?? null].flat().includes('array');
  if (isTyped) return [{ ...draft, schema: written, style: explode ? 'repeat' : 'comma' }];
  // A style needs the type. Without a style, a list repeats its name.
  if (explode) return [{ ...draft, schema: written }];
  context.leaveOut(`the ${place} parameter "${name}"`, 'is sometimes a list in one string', isRequired);
  return [];
}

/** Returns the names of an object's members in the query, or undefined if the members have no names there. */
function memberNames({ in: place, style, explode }: OperationParameter): MemberNames | undefined {
  if (place !== 'query') return undefined;
  if (style === 'deepObject') return bracketNames;
  return style === 'form' && explode ? { member: (_: string, key: string) => key } : undefined;
}
