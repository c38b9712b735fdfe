/** The code of an error about a limit or a `$ref`. Other errors have only a message. */
type Code = 'too_many' | 'remote_ref' | 'unknown_ref';

/** A schema that cannot be used. `pointer` is a JSON Pointer into the schema. */
export class JsonSchemaError extends Error {
  readonly pointer: string;
  readonly code: Code | undefined;
  /** This error and all other errors of the schema. */
  readonly all: readonly JsonSchemaError[];

  constructor(
    message: string,
    pointer: string,
    { code, others = [] }: { code?: Code | undefined; others?: readonly JsonSchemaError[] } = {},
  ) {
    super(message);
    this.name = 'JsonSchemaError';
    this.pointer = pointer;
    this.code = code;
    this.all = [this, ...others];
  }
}

export function throwAll(errors: readonly JsonSchemaError[]): void {
  const [first, ...others] = errors;
  if (first !== undefined) throw new JsonSchemaError(first.message, first.pointer, { code: first.code, others });
}
