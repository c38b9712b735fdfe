export { compileJsonSchema, type Validate, type ValidateForVerdict } from './compile-json-schema.ts';
export { JsonSchemaError } from './json-schema-error.ts';
export { toDialect } from './to-dialect.ts';
export type { Violation } from './violations.ts';
export { WorkBudget } from './work.ts';
