export { compileJsonSchema, type Validate, type Violation } from './compile-json-schema.ts';
export { JsonSchemaError } from './json-schema-error.ts';
export { toDialect } from './to-dialect.ts';
