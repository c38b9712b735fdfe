import type { JsonObject } from '@toolplane/contracts';
import type { Parameter } from '../../descriptor/operation-schema.ts';
import type { SchemaWriter } from '../schemas/write-schema.ts';

/** A parameter that does not have its final name yet. */
export type ParameterDraft = {
  location: Parameter['location'];
  /** The name in the request. */
  wireName: string;
  schema: JsonObject;
  isRequired: boolean;
  description: string;
  style?: 'repeat' | 'comma';
};

export type DraftContext = {
  schemas: SchemaWriter;
  /** Omits something that is optional and reports it; throws `Unimportable` if it is required. */
  leaveOut(what: string, why: string, isRequired: boolean): void;
  /** Reports something that is sent differently from what the document declares. */
  sendOtherwise(what: string): void;
  /** Omits a parameter that credentials replace. */
  leaveToSignIn(wireName: string): void;
};

/** The reason why an operation cannot be part of a connector. */
export class Unimportable extends Error {}

/** Returns the schema of text in its own format, such as JSON in a query. */
export function textOf(mediaType: string): JsonObject {
  return { type: 'string', contentMediaType: mediaType };
}

export function encodedReserved(place: string): string {
  return `the ${place} with its reserved characters percent-encoded`;
}
