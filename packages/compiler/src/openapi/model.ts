import type { HttpMethod, Json } from '@toolplane/contracts';

/** An OpenAPI 3.0, 3.1 or 3.2 document. A `$ref` is resolved when its target is needed, never all at once. */
export type OpenApiDocument = {
  /** The location from which the document was loaded: relative server URLs are resolved against it. */
  location: string;
  /** `3.0`, `3.1` or `3.2`. */
  version: string;
  title?: string;
  /** What the document declares about itself, in addition to its title. */
  about: { version?: string; summary?: string; description?: string; contactName?: string; documentationUrl?: string };
  /**
   * Returns the final target of a `$ref` inside a schema, which is never a `$ref` itself; undefined if the target does
   * not exist.
   */
  findReferenced(reference: string): Json | undefined;
  /** Returns the operation with this id. Throws `OpenApiError` if it exists but cannot be used. */
  findById(operationId: string): OpenApiOperation | undefined;
  /** `pointer` is a JSON Pointer to a path and a method: `/paths/~1pets~1{id}/get`. Throws `OpenApiError`. */
  findByPointer(pointer: string): OpenApiOperation | undefined;
  /** Returns true even if `findById` would refuse the operation. */
  hasOperation(operationId: string): boolean;
  /** Returns the ids that differ from this one only in case. */
  idsLike(operationId: string): readonly string[];
  /** Returns all ids in document order, including those that `findById` would refuse. */
  operationIds(): string[];
  /** Returns the pointers of all operations, with or without an id, in document order. */
  operationPointers(): string[];
  /** Returns paths without operations, because they do not lead to an object. */
  brokenPaths(): { path: string; reason: string }[];
};

/** The reason why a part of an OpenAPI document cannot be used; `pointer` identifies the part. */
export class OpenApiError extends Error {
  readonly pointer: string;

  constructor(message: string, pointer: string) {
    super(message);
    this.pointer = pointer;
  }
}

export type OpenApiOperation = {
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
  /**
   * The parameters of the path and of the operation, merged. `Accept`, `Content-Type` and `Authorization` headers are
   * omitted.
   */
  parameters: OperationParameter[];
  requestBody?: OperationBody;
  /** The declared statuses as written: `200`, `4XX`, `default`. */
  statuses: string[];
  /** The servers of the operation, otherwise of the path, otherwise of the document; never empty. */
  servers: ServerChoice[];
  /**
   * The alternatives, of which one is sufficient; each lists everything that it requires. If the list is empty, no
   * credentials are required.
   */
  security: SecurityNeed[][];
  /** True if the operation or the document declares its security, even if it requires none. */
  declaresSecurity: boolean;
};

export type OperationParameter = {
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie' | 'querystring';
  isRequired: boolean;
  style: 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';
  explode: boolean;
  allowReserved: boolean;
  /** Present if the parameter has `content` instead of a schema. */
  contentType?: string;
  description?: string;
  /** A `$ref` at the root of the schema is resolved; others inside stay unchanged. */
  schema?: Json;
};

export type OperationBody = {
  isRequired: boolean;
  description?: string;
  /** The declarations by media type, in document order. */
  content: [mediaType: string, { schema?: Json; encoding: Record<string, OpenApiEncoding> }][];
};

export type OpenApiEncoding = {
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
    /** The scheme in lower case: `bearer`, `basic`. */
    | { type: 'http'; scheme: string }
    | {
        type: 'oauth2';
        clientCredentialsTokenUrl?: string;
        authorizationCode?: { authorizationUrl: string; tokenUrl: string };
      }
    | { type: 'openIdConnect' | 'mutualTLS' };
};
