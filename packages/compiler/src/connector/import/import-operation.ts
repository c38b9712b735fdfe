import { definedOnly } from '@toolplane/contracts';
import type { OpenApiDocument, OpenApiOperation } from '../../openapi/model.ts';
import type { ConnectorInput } from '../descriptor/connector-schema.ts';
import { type BodyDraft, draftBody } from './parameters/draft-body.ts';
import { draftParameters } from './parameters/draft-parameters.ts';
import { nameParameters } from './parameters/name-parameters.ts';
import { type DraftContext, type ParameterDraft, Unimportable } from './parameters/parameter-draft.ts';
import { objectShape } from './schemas/object-shape.ts';
import type { PatternCheck } from './schemas/pattern-check.ts';
import { type Cut, SchemaWriter } from './schemas/write-schema.ts';
import type { SignIns } from './security/sign-ins.ts';
import { plainText } from './texts/plain-text.ts';
import { shorten } from './texts/sentences.ts';
import { baseOf, toEndpoint } from './to-endpoint.ts';

type OperationInput = NonNullable<ConnectorInput['operations']>[number];

export type ImportedOperation = {
  source: OpenApiOperation;
  operation: Omit<OperationInput, 'operation_id'>;
  /** Parameters that are omitted, with the reasons. */
  leftOut: string[];
  /** What is not sent as the document declares. */
  sentOtherwise: string[];
  /** Parameters that look like credentials; those of the connector are sent instead. */
  leftToSignIn: string[];
  cuts: ReadonlySet<Cut>;
};

export type ImportContext = {
  document: OpenApiDocument;
  signIns: SignIns;
  isUsable: PatternCheck;
  serverUrl?: string;
  /** The maximum size of all schemas of one operation. */
  sizeMax: number;
};

const PARAMETERS_MAX = 200;
const SUMMARY_LENGTH_MAX = 300;
const DESCRIPTION_LENGTH_MAX = 1000;
/** Schemas are cut at the first of these depths at which those of an operation are small enough. */
const DEPTHS = [8, 5, 4, 3, 2, 1];

/** Throws `Unimportable` and `OpenApiError`. */
export function importOperation(source: OpenApiOperation, context: ImportContext): ImportedOperation {
  if (source.method === 'HEAD') throw new Unimportable('HEAD has no answer that a tool could return');
  for (const depthMax of DEPTHS) {
    const schemas = new SchemaWriter(context.document, context.isUsable, {
      depthMax,
      sizeMax: context.sizeMax,
    });
    const imported = build(source, schemas, context);
    if (!schemas.cuts.has('size') || depthMax === DEPTHS.at(-1)) return imported;
  }
  throw new Unimportable('Its schemas are too large');
}

function build(source: OpenApiOperation, schemas: SchemaWriter, { document, signIns, serverUrl }: ImportContext) {
  const leftOut: string[] = [];
  const sentOtherwise: string[] = [];
  const leftToSignIn: string[] = [];
  const context: DraftContext = {
    schemas,
    leaveOut(what, why, isRequired) {
      if (isRequired) throw new Unimportable(`${capitalized(what)} ${why}, and it is required`);
      leftOut.push(`${what} ${why}`);
    },
    sendOtherwise: (what) => sentOtherwise.push(what),
    leaveToSignIn: (wireName) => leftToSignIn.push(wireName),
  };
  const signIn = signIns.of(source);
  if (signIn === undefined) throw new Unimportable(`Its security cannot be used: ${schemeNames(source)}`);
  const injection = signIn === 'none' ? undefined : signIn.injection;
  const drafts = draftParameters(
    source.parameters,
    { places: signIns.places, isSignedIn: injection !== undefined },
    context,
  );
  const base = baseOf(source, { location: document.location, ...(serverUrl === undefined ? {} : { serverUrl }) });
  const inPath = drafts.filter(({ location }) => location === 'path');
  const endpoint = toEndpoint(source, base, drafts);
  const body = bodyOf(source, context);
  const parameters = nameParameters(
    withinLimit(
      [
        ...endpoint.drafts,
        ...endpoint.fixed.map(toFixed),
        ...drafts.filter((draft) => !inPath.includes(draft)),
        ...(body?.drafts ?? []),
      ],
      context,
    ),
  );
  const operation: ImportedOperation['operation'] = {
    endpoint: endpoint.url,
    method: source.method,
    ...definedOnly({
      summary: shortText(source.summary, SUMMARY_LENGTH_MAX),
      description: shortText(source.description, DESCRIPTION_LENGTH_MAX),
      auth_type_ref: signIn === 'none' ? undefined : (signIn.authentication.id ?? signIn.authentication.type),
      auth_headers: filledMap(injection?.headers),
      auth_query: filledMap(injection?.query),
    }),
    parameters,
    ...definedOnly({
      body_encoding: body?.encoding === 'json' ? undefined : body?.encoding,
      body_root: body?.isRoot === true ? (parameters.at(-1)?.name ?? 'body') : undefined,
      content_type: body?.contentType,
    }),
  };
  return { source, operation, leftOut, sentOtherwise, leftToSignIn, cuts: schemas.cuts };
}

function bodyOf({ requestBody, method }: OpenApiOperation, context: DraftContext): BodyDraft | undefined {
  if (requestBody === undefined) return undefined;
  if (method !== 'GET') return draftBody(requestBody, context);
  // Generators declare empty bodies.
  const isEmpty = requestBody.content.every(
    ([, { schema }]) => objectShape(schema, context.schemas)?.properties.size === 0,
  );
  if (!isEmpty) context.leaveOut('the body', 'cannot be sent with GET', requestBody.isRequired);
  return undefined;
}

/** If the limit is exceeded, the last optional parameters are dropped. */
function withinLimit(all: ParameterDraft[], { leaveOut }: DraftContext): ParameterDraft[] {
  const drafts = [
    ...new Map(all.toReversed().map((draft) => [`${draft.location} ${draft.wireName}`, draft])).values(),
  ].reverse();
  const surplus = drafts.length - PARAMETERS_MAX;
  if (surplus <= 0) return drafts;
  const optional = drafts.filter(({ isRequired }) => !isRequired);
  leaveOut('a parameter', `is beyond the limit of ${PARAMETERS_MAX} parameters`, optional.length < surplus);
  const dropped = new Set(optional.slice(-surplus));
  for (const { wireName } of dropped)
    leaveOut(`"${wireName}"`, `is beyond the limit of ${PARAMETERS_MAX} parameters`, false);
  return drafts.filter((draft) => !dropped.has(draft));
}

function toFixed({ name, value }: { name: string; value: string }): ParameterDraft {
  return { location: 'query', wireName: name, schema: { const: value }, isRequired: true, description: '' };
}

function schemeNames({ security }: OpenApiOperation): string {
  return [...new Set(security.flat().map(({ schemeName }) => schemeName))].join(', ');
}

function shortText(text: string | undefined, lengthMax: number): string | undefined {
  return shorten(plainText(text ?? ''), lengthMax) || undefined;
}

function filledMap(map: Record<string, string> = {}): Record<string, string> | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
