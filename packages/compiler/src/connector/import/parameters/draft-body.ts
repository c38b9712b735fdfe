import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { type BodyKind, bodyKindOf } from '../../../http/body-kind.ts';
import { chooseMediaType, type MediaType } from '../../../openapi/choose-media-type.ts';
import type { OpenApiEncoding, OperationBody } from '../../../openapi/model.ts';
import type { Operation } from '../../descriptor/operation-schema.ts';
import { kindsOf, withListType } from '../schemas/kinds-of.ts';
import { objectShape } from '../schemas/object-shape.ts';
import { describe, withoutDescription } from '../texts/describe.ts';
import { bracketNames, draftMembers } from './draft-members.ts';
import { type DraftContext, encodedReserved, type ParameterDraft, textOf, Unimportable } from './parameter-draft.ts';

export type BodyDraft = {
  drafts: ParameterDraft[];
  encoding: Operation['body_encoding'];
  /** True if the only draft is the whole body. */
  isRoot: boolean;
  contentType?: string;
};

/** Each property becomes one parameter up to this number; a larger body is a single parameter. */
const PROPERTIES_MAX = 150;

const FORM = 'application/x-www-form-urlencoded';

/** From the most to the least informative kind; the first of several media types of one kind is used. */
const preferred: readonly BodyKind[] = ['json', 'form', 'multipart', 'text', 'xml', 'base64'];

/** Throws `Unimportable` for a body that a connector cannot send. */
export function draftBody(body: OperationBody, context: DraftContext): BodyDraft {
  const { kind, media } = chooseKind(body);
  const description = describe([body.description], undefined) || 'Body of the request.';
  const root = { location: 'body' as const, wireName: 'body', isRequired: body.isRequired, description };
  if (kind === 'text' || kind === 'xml' || kind === 'base64') {
    const schema = { type: 'string', ...(kind === 'base64' ? { contentEncoding: 'base64' } : {}) };
    return { drafts: [{ ...root, schema }], encoding: 'json', isRoot: true, contentType: media.contentType };
  }
  const encoding = kind;
  const schema = media.schema;
  const isDefault = ['application/json', FORM, 'multipart/form-data'].includes(media.contentType.toLowerCase() ?? '');
  const contentType = isDefault ? {} : { contentType: media.contentType };
  const shape = objectShape(schema, context.schemas);
  const names = [...(shape?.properties.keys() ?? [])];
  const isFlat =
    names.length > 0 && names.length <= PROPERTIES_MAX && names.every((name) => /^[^.]{1,200}$/s.test(name));
  // A form needs its fields individually, each in its own format; in JSON, the whole body can have more than is
  // declared.
  if (shape?.isOpen === true && isFlat && encoding !== 'json') {
    context.leaveOut('any further field of the body', 'has no declared name', false);
  }
  if (shape !== undefined && isFlat && !(shape.isOpen && encoding === 'json')) {
    const drafts = [...shape.properties].flatMap(([name, property]) => {
      const isRequired = shape.required.has(name);
      const draft = { location: 'body' as const, wireName: name, isRequired, ...described(property) };
      return draftField(draft, property, encoding, media.encoding[name] ?? {});
    });
    return { drafts, encoding, isRoot: false, ...contentType };
  }
  const isClosed = context.schemas.resolve(schema)['additionalProperties'] === false;
  if (shape?.isOpen === false && names.length === 0 && isClosed) return { drafts: [], encoding, isRoot: false };
  const hasFields = kindsOf(schema, context.schemas).has('object') || schema === undefined;
  if (encoding !== 'json' && !hasFields) throw new Unimportable('Its body is a form whose fields are not declared');
  const whole = context.schemas.write(schema ?? { type: 'object' });
  return { drafts: [{ ...root, schema: whole }], encoding, isRoot: true, ...contentType };

  function draftField(
    draft: Omit<ParameterDraft, 'schema'>,
    property: Json,
    as: BodyDraft['encoding'],
    { style, explode, allowReserved, contentType }: OpenApiEncoding,
  ): ParameterDraft[] {
    if (allowReserved === true && as === 'form') context.sendOtherwise(encodedReserved(`field "${draft.wireName}"`));
    const isStyled = [style, explode, allowReserved].some((each) => each !== undefined);
    if (as === 'form' && !isStyled && contentType !== undefined && !/^text\/plain\b/i.test(contentType)) {
      return [{ ...draft, schema: textOf(contentType) }];
    }
    if (as === 'form' && style === 'deepObject') {
      return draftMembers({ ...draft, schema: context.schemas.resolve(property) }, bracketNames, context);
    }
    if (as === 'form' && (style === 'spaceDelimited' || style === 'pipeDelimited') && explode !== true) {
      context.leaveOut(`the field "${draft.wireName}"`, `is a list in the style ${style}`, draft.isRequired);
      return [];
    }
    const file = as === 'multipart' ? fileSchema(property) : undefined;
    if (as === 'multipart' && file === undefined && contentType !== undefined && !isSentAs(contentType, property)) {
      context.sendOtherwise(`the field "${draft.wireName}" without its media type ${contentType.slice(0, 100)}`);
    }
    const written = file ?? withoutDescription(context.schemas.write(property));
    const schema = as === 'form' ? withListType(written, kindsOf(property, context.schemas)) : written;
    return [{ ...draft, schema, ...(as === 'form' && explode === false ? inOneText(schema) : {}) }];
  }

  /** A part has the JSON media type if it is an object. If it is a text, it has none, which means plain text. */
  function isSentAs(contentType: string, property: Json): boolean {
    const kinds = kindsOf(property, context.schemas);
    const [kind] = kinds;
    if (kinds.size > 1 || kind === 'array') return false;
    return (kind === 'object' ? /^application\/json\s*$/i : /^text\/plain\s*$/i).test(contentType);
  }

  function described(property: Json): { description: string } {
    const { description, default: standard } = context.schemas.resolve(property);
    return {
      description: describe([isJsonObject(property) ? property['description'] : undefined, description], standard),
    };
  }

  function fileSchema(property: Json): JsonObject | undefined {
    const { type, format, contentMediaType, items } = context.schemas.resolve(property);
    if (type === 'array') {
      const file = items === undefined ? undefined : fileSchema(items);
      return file && { type: 'array', items: file };
    }
    const isText = typeof contentMediaType === 'string' && /^text\/|json/.test(contentMediaType);
    return format === 'binary' || (contentMediaType !== undefined && !isText) ? FILE : undefined;
  }
}

/** The schema of a file in a multipart body. */
const FILE: JsonObject = {
  type: 'object',
  properties: {
    data: { type: 'string', contentEncoding: 'base64', description: 'Content of the file in base64.' },
    filename: { type: 'string', description: 'Name of the file, with its extension.' },
    contentType: { type: 'string', description: 'Media type of the file.' },
  },
  required: ['data', 'filename'],
  additionalProperties: false,
};

function inOneText({ type }: JsonObject): { style?: 'comma' } {
  return [type ?? null].flat().includes('array') ? { style: 'comma' } : {};
}

function chooseKind(body: OperationBody): { kind: BodyKind; media: MediaType } {
  const media = body.content.flatMap((declared) => chooseMediaType({ ...body, content: [declared] }) ?? []);
  for (const kind of preferred) {
    const found = media.find(({ contentType }) => bodyKindOf(contentType) === kind && fitsConnector(contentType));
    if (found !== undefined) return { kind, media: found };
  }
  const [first] = body.content;
  const declared = first === undefined ? 'of no media type' : first[0].slice(0, 100);
  throw new Unimportable(`Its body is ${declared}, which a connector cannot send`);
}

function fitsConnector(contentType: string): boolean {
  const isOtherMultipart = /^multipart\//i.test(contentType) && !/^multipart\/form-data\b/i.test(contentType);
  return (
    contentType.length <= 200 && /^[\w.+-]+\/[\w.+-]+(?:\s*;[\t\x20-\x7e]*)?$/.test(contentType) && !isOtherMultipart
  );
}
