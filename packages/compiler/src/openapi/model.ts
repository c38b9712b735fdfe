import type { HttpMethod, Json } from '@toolplane/contracts';

/** An OpenAPI 3.0, 3.1 or 3.2 document. `$ref`s are resolved when something is asked for, never all at once. */
export type OpenApiDocument = {
  /** Where the document came from: relative server URLs are resolved against it. */
  location: string;
  /** `3.0`, `3.1` or `3.2`. */
  version: string;
  title?: string;
  /** What the document says about itself, in addition to its title. */
  about: { version?: string; summary?: string; description?: string; contactName?: string; documentationUrl?: string };
  /** What a `$ref` inside a schema leads to; undefined when it leads nowhere. Never a `$ref` itself. */
  findReferenced(reference: string): Json | undefined;
  /** Of the operation with this id. Throws `OpenApiError` when it is there and cannot be used. */
  findById(operationId: string): Operation | undefined;
  /** `pointer` is a JSON Pointer to a path and a method: `/paths/~1pets~1{id}/get`. Throws `OpenApiError`. */
  findByPointer(pointer: string): Operation | undefined;
  /** Also when `findById` would refuse it. */
  hasOperation(operationId: string): boolean;
  /** Ids that differ from this one in case alone. */
  idsLike(operationId: string): readonly string[];
  /** All there are, in document order; those that `findById` would refuse included. */
  operationIds(): string[];
  /** Of all operations, with an id or without, in document order. */
  operationPointers(): string[];
  /** Paths without operations, because they lead to no object. */
  brokenPaths(): { path: string; reason: string }[];
};

/** Why a part of an OpenAPI document cannot be used; `pointer` says which part. */
export class OpenApiError extends Error {
  readonly pointer: string;

  constructor(message: string, pointer: string) {
    super(message);
    this.pointer = pointer;
  }
}

export type Operation = {
  /** JSON Pointer into the document. */
  pointer: string;
  operationId?: string;
  summary?: string;
  description?: string;
  tags: string[];
  isDeprecated: boolean;
  method: HttpMethod;
  /** Path template, `/pets/{id}`; begins with a slash. */
  path: string;
  /** Of the path and of the operation, merged; `Accept`, `Content-Type` and `Authorization` headers are left out. */
  parameters: OperationParameter[];
  requestBody?: OperationBody;
  /** Declared statuses as written: `200`, `4XX`, `default`. */
  statuses: string[];
  /** Of the operation, otherwise of the path, otherwise of the document; never empty. */
  servers: ServerChoice[];
  /** One of these is enough; each names all that it needs. Empty: no credentials. */
  security: SecurityNeed[][];
  /** Does the operation or the document say what it needs, even if that is nothing? */
  declaresSecurity: boolean;
};

export type OperationParameter = {
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie' | 'querystring';
  isRequired: boolean;
  style: 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';
  explode: boolean;
  allowReserved: boolean;
  /** When it has `content` instead of a schema. */
  contentType?: string;
  description?: string;
  /** A `$ref` at its root is followed; those deeper inside stay as they are. */
  schema?: Json;
};

export type OperationBody = {
  isRequired: boolean;
  description?: string;
  /** By media type, in document order. */
  content: [mediaType: string, { schema?: Json; encoding: Record<string, FieldEncoding> }][];
};

export type FieldEncoding = {
  contentType?: string;
  style?: 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';
  explode?: boolean;
  allowReserved?: boolean;
};

export type ServerChoice = { url: string; variables: Record<string, { default: string; enum?: string[] }> };

export type SecurityNeed = {
  schemeName: string;
  scopes: string[];
  scheme:
    | { type: 'apiKey'; in: 'header' | 'query' | 'cookie'; name: string }
    /** In lower case: `bearer`, `basic`. */
    | { type: 'http'; scheme: string }
    | {
        type: 'oauth2';
        clientCredentialsTokenUrl?: string;
        authorizationCode?: { authorizationUrl: string; tokenUrl: string };
      }
    | { type: 'openIdConnect' | 'mutualTLS' };
};
