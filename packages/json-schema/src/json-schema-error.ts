/** A schema that cannot be used. `pointer` is a JSON Pointer into the schema. */
export class JsonSchemaError extends Error {
  readonly pointer: string;
  /** Of a limit; for other reasons there is only the message. */
  readonly code: 'too_many' | undefined;

  constructor(message: string, pointer: string, { code }: { code?: 'too_many' } = {}) {
    super(message);
    this.name = 'JsonSchemaError';
    this.pointer = pointer;
    this.code = code;
  }
}
