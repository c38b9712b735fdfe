/** A schema that cannot be used. `pointer` is a JSON Pointer into the schema. */
export class JsonSchemaError extends Error {
  readonly pointer: string;

  constructor(message: string, pointer: string) {
    super(message);
    this.name = 'JsonSchemaError';
    this.pointer = pointer;
  }
}
