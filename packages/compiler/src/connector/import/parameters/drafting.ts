import type { JsonObject } from '@toolplane/contracts';
import type { Parameter } from '../../descriptor/operation-schema.ts';
import type { SchemaWriter } from '../schemas/write-schema.ts';

/** A parameter that does not have its own name yet. */
export type Draft = {
  location: Parameter['location'];
  /** In the request. */
  wireName: string;
  schema: JsonObject;
  isRequired: boolean;
  description: string;
  style?: 'repeat' | 'comma';
};

export type Drafting = {
  schemas: SchemaWriter;
  /** A call works without it, and the import says so; throws `Unimportable` for what is required. */
  leaveOut(what: string, why: string, isRequired: boolean): void;
  /** A call sends it, but not as the document says. */
  sendOtherwise(what: string): void;
  /** The credentials replace it. */
  leaveToSignIn(wireName: string): void;
};

/** Why an operation cannot be in a connector. */
export class Unimportable extends Error {}

/** Text in its own format, such as JSON in a query. */
export function textOf(mediaType: string): JsonObject {
  return { type: 'string', contentMediaType: mediaType };
}

export function encodedReserved(place: string): string {
  return `the ${place} with its reserved characters percent-encoded`;
}
