import { definedOnly, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import type { OpenApiDocument } from '../../../openapi/model.ts';
import { withDefault } from '../texts/describe.ts';
import { plainText } from '../texts/plain-text.ts';
import { shorten } from '../texts/sentences.ts';
import { copyKeywords } from './keywords.ts';
import type { PatternCheck } from './pattern-check.ts';

export type SchemaSource = Pick<OpenApiDocument, 'findReferenced'>;

/** The reason why something was omitted from a schema. */
export type Cut = 'cycle' | 'depth' | 'size' | 'reference' | 'pattern';

export type SchemaLimits = { depthMax: number; sizeMax: number };

const DESCRIPTION_LENGTH_MAX = 240;
/** The size of a schema without its contents: the text of a descriptor is indented. */
const frameSize = (depth: number) => 30 + 10 * depth;

const types = ['string', 'integer', 'number', 'boolean', 'array', 'object', 'null'];

/**
 * Converts OpenAPI schemas to JSON Schema 2020-12, each of them self-contained. Whatever is omitted makes a schema
 * accept more, never less: the API still checks what it receives, and a call that it would accept must not be refused
 * here. Therefore, `oneOf` becomes `anyOf`, negations are removed, and no `default` is kept: a validator would fill it
 * in, and an update would then reset fields that nobody named.
 */
export class SchemaWriter {
  readonly cuts = new Set<Cut>();
  readonly #source: SchemaSource;
  readonly #isUsable: PatternCheck;
  readonly #depthMax: number;
  #sizeLeft: number;

  constructor(source: SchemaSource, isUsable: PatternCheck, { depthMax, sizeMax }: SchemaLimits) {
    this.#source = source;
    this.#isUsable = isUsable;
    this.#depthMax = depthMax;
    this.#sizeLeft = sizeMax;
  }

  write(schema: Json | undefined): JsonObject {
    const written = this.#write(schema ?? {}, 0, []);
    return typeof written === 'boolean' ? {} : written;
  }

  /**
   * Returns the target of a reference, or the schema itself if it is not a reference; an empty schema if the target
   * does not exist.
   */
  resolve(schema: Json | undefined): JsonObject {
    if (!isJsonObject(schema)) return {};
    const reference = schema['$ref'];
    if (typeof reference !== 'string') return schema;
    const target = this.#source.findReferenced(reference);
    if (target === undefined) this.cuts.add('reference');
    return isJsonObject(target) ? target : {};
  }

  #write(schema: Json, depth: number, followed: readonly string[]): JsonObject | boolean {
    if (typeof schema === 'boolean') return schema;
    if (!isJsonObject(schema)) return {};
    if (typeof schema['$ref'] === 'string') return this.#writeReference(schema, schema['$ref'], depth, followed);
    this.#sizeLeft -= frameSize(depth);
    if (this.#sizeLeft < 0) return this.#outline(schema, 'size');
    if (depth > this.#depthMax) return this.#outline(schema, 'depth');
    const inside = (inner: Json) => this.#write(inner, depth + 1, followed);
    return this.#asNullable(schema, {
      ...this.#typeOf(schema),
      ...this.#description(schema),
      ...copyKeywords(schema, {
        write: inside,
        isReadOnly: (inner) => this.resolve(inner)['readOnly'] === true,
        isUsable: (pattern) => this.#isUsable(pattern) || this.#cut('pattern'),
        spend: (size) => {
          this.#sizeLeft -= size;
        },
      }),
    });
  }

  /** A description beside a reference is used; whether other keywords count depends on the version. */
  #writeReference(
    schema: JsonObject,
    reference: string,
    depth: number,
    followed: readonly string[],
  ): JsonObject | boolean {
    const target = this.resolve(schema);
    if (followed.includes(reference)) return this.#outline(target, 'cycle');
    const written = this.#write(target, depth, [...followed, reference]);
    if (typeof written === 'boolean') return written;
    const { description } = schema;
    const described = typeof description === 'string' ? { ...written, ...this.#description(schema) } : written;
    return this.#asNullable(schema, described);
  }

  #outline(schema: JsonObject, cut: Cut): JsonObject {
    this.cuts.add(cut);
    const { type } = this.#typeOf(schema);
    return this.#asNullable(schema, type === undefined ? {} : { type });
  }

  #cut(cut: Cut): false {
    this.cuts.add(cut);
    return false;
  }

  #typeOf({ type, properties }: JsonObject): { type?: Json } {
    const named = [type ?? null].flat().filter((name) => typeof name === 'string' && types.includes(name));
    const [first] = named;
    if (first === undefined) return isJsonObject(properties) ? { type: 'object' } : {};
    return { type: named.length === 1 ? first : [...new Set(named)] };
  }

  #description({ description, default: value }: JsonObject): { description?: string } {
    const said = typeof description === 'string' ? shorten(plainText(description), DESCRIPTION_LENGTH_MAX) : '';
    const text = withDefault(said, value);
    this.#sizeLeft -= text.length;
    return text === '' ? {} : { description: text };
  }

  /** Handles the `nullable` of OpenAPI 3.0, which many documents of later versions also contain. */
  #asNullable({ nullable }: JsonObject, written: JsonObject): JsonObject {
    if (nullable !== true) return written;
    const { type, enum: values, anyOf, allOf } = written;
    const orNull = definedOnly({
      type: type === undefined ? undefined : withNull(type),
      enum: Array.isArray(values) ? [...new Set([...values, null])] : undefined,
      anyOf: Array.isArray(anyOf) ? [...anyOf, { type: 'null' }] : undefined,
    });
    return allOf === undefined ? { ...written, ...orNull } : { anyOf: [written, { type: 'null' }] };
  }
}

function withNull(type: Json): Json {
  const names: Json[] = Array.isArray(type) ? type : [type];
  return names.includes('null') ? names : [...names, 'null'];
}
