export { apiKeyBytes, formatApiKey, parseApiKey } from './api-key-format.ts';
export { AppError, toAppError } from './app-error.ts';
export { attributeNames, attributes } from './attributes.ts';
export { type CallEvent, callEventSchema, type LogLevel, logLevelSchema, logLevels } from './call-event.ts';
export {
  type Command,
  commandSchema,
  type FetchedDocument,
  fetchedDocumentSchema,
  type SealedSecret,
  type SealingKey,
  type SecretRef,
  type StoredSecret,
  sealedSecretSchema,
  sealingKeySchema,
  secretHostSchema,
  secretNameSchema,
  secretRefSchema,
  storedSecretSchema,
} from './commands.ts';
export type { Diagnostic } from './diagnostic.ts';
export { type ErrorCode, errorCodes, isErrorCode } from './error-codes.ts';
export { replaceInexactNumbers } from './inexact-numbers.ts';
export {
  type Ability,
  abilities,
  abilityFor,
  abilitySchema,
  capabilitiesFor,
  type InputRequest,
  inputRequestSchema,
} from './input-request.ts';
export { canonicalJson, type Json, type JsonObject, jsonObjectSchema, jsonSchema } from './json.ts';
export { appendPointer, pointerSegments } from './json-pointer.ts';
export {
  type ApiKeyRecord,
  apiKeyRecordSchema,
  type Icon,
  iconSchema,
  type Manifest,
  manifestSchema,
  type Permission,
  type Prompt,
  permissionSchema,
  permissions,
  type Resource,
  type ResourceTemplate,
  type Tool,
  type ToolAnnotations,
  toolAnnotationsSchema,
  toolSchema,
} from './manifest.ts';
export {
  type HttpMethod,
  httpMethods,
  type Plan,
  type PlanAction,
  type PlanParameter,
  type PlanQuestion,
  type PlanRequest,
  type PlanStep,
  type PlanWorkflow,
  type PlanWorkflowCall,
  planLimits,
  planSchema,
} from './plan.ts';
export { sourceLimits } from './source-limits.ts';
export {
  type ComparisonOperator,
  type Condition,
  comparisonOperators,
  conditionSchema,
  type PatternText,
  type Query,
  type Replacement,
  type Template,
  templateSchema,
  type UrlTemplate,
  urlTemplateSchema,
} from './template.ts';
export {
  type CallError,
  type Failure,
  type FinalOutcome,
  failed,
  type InputRequired,
  isRetryable,
  type Outcome,
  outcomeSchema,
  succeeded,
  type ToolCall,
  toolCallSchema,
} from './tool-call.ts';
