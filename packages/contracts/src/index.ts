export { apiKeyBytes, formatApiKey, isMeantAsApiKey, keyIdAt, parseApiKey } from './api-key-format.ts';
export { AppError, notValid, toAppError } from './app-error.ts';
export {
  type ApprovalDecision,
  type ApprovalRequest,
  approvalDecisionSchema,
  approvalRequestSchema,
} from './approval.ts';
export { attributeNames, attributes, spanEventNames, spanEvents } from './attributes.ts';
export {
  type CallAnswer,
  type CallEvent,
  type CallQuestion,
  callAnswerSchema,
  callEventSchema,
  callQuestionSchema,
  type LogLevel,
  logLevelSchema,
  logLevels,
  questionLimits,
} from './call-event.ts';
export { type CallOutcome, callOutcomeSchema } from './call-outcome.ts';
export {
  type Analytics,
  analyticsLimits,
  type CallReport,
  type CallTiming,
  callReportSchema,
  type RunReport,
} from './call-report.ts';
export { type CallerKind, callerKindSchema, debugCallerKindSchema } from './caller-kind.ts';
export { type Catalogue, type CatalogueToolkit, catalogueSchema } from './catalogue.ts';
export {
  type Authorization,
  type Command,
  type ConnectionTest,
  type ConnectLink,
  commandSchema,
  connectionTestSchema,
  connectLinkSchema,
  type FetchedDocument,
  type FinishedSignIn,
  fetchedDocumentSchema,
  finishedSignInSchema,
  type SealedCredential,
  type SealedSecret,
  type SealingKey,
  type SealingTarget,
  type SecretRef,
  type StartedAuthorization,
  type StoredCredential,
  type StoredSecret,
  sealedCredentialSchema,
  sealedSecretSchema,
  sealingKeySchema,
  sealingTargetSchema,
  secretNameSchema,
  secretRefSchema,
  startedAuthorizationSchema,
  storedCredentialSchema,
  storedSecretSchema,
} from './commands.ts';
export {
  type ConnectionAuthentication,
  type ConnectionChain,
  type ConnectionRateLimit,
  type ConnectionReport,
  type ConnectionStatus,
  type ConnectionToken,
  type CredentialField,
  type CredentialRef,
  type CredentialScope,
  connectionReportSchema,
  connectionStatuses,
  credentialRefSchema,
  credentialScopes,
  DEFAULT_USERNAME,
  type PlanConnection,
  rateLimitScopes,
  readUserSubject,
  toUserSubject,
  usernamePattern,
} from './connection.ts';
export {
  type DebugAction,
  type DebugCallEvent,
  type DebugCriterion,
  type DebugDecision,
  type DebugError,
  type DebugEvent,
  type DebugRequest,
  type DebugResponse,
  type DebugValue,
  debugEventSchema,
} from './debug-event.ts';
export {
  type CallDebug,
  DEBUG_TOKEN_BYTES,
  type DebugEnvironment,
  type DebugGrant,
  debugEnvironmentSchema,
  debugGrantSchema,
  debugLimits,
  formatDebugToken,
  isDebugToken,
  type ManifestDebug,
} from './debug-grant.ts';
export {
  type ActionRun,
  assembleTrace,
  type FlowRun,
  flowRunSchema,
  type StepRun,
  type TraceExchange,
} from './debug-trace.ts';
export { definedOnly } from './defined-only.ts';
export type { Diagnostic } from './diagnostic.ts';
export { type EgressRules, egressRulesSchema } from './egress-rules.ts';
export { type ErrorCode, errorCodeSchema, errorCodes } from './error-codes.ts';
export {
  type ExternalPrompt,
  type ExternalResource,
  type ExternalResourceTemplate,
  type ExternalServer,
  type ExternalTool,
  externalFlags,
  externalLimits,
  externalServerSchema,
  type InspectedServer,
  inspectedServerSchema,
} from './external-server.ts';
export {
  type ExternalUserRecord,
  externalUserRecordSchema,
  type UserRules,
  userRulesSchema,
} from './external-user.ts';
export { toHeaderSecretName } from './header-secret-name.ts';
export { type CallOrder, callOrderSchema, type OrderAnswer, orderAnswerSchema } from './held-call.ts';
export { matchesHostPattern, portOf, secretHostSchema } from './host-pattern.ts';
export { HTTP_TOKEN_CHARACTER, isHttpToken } from './http-token.ts';
export { isExactNumber, replaceInexactNumbers } from './inexact-numbers.ts';
export {
  type Ability,
  abilities,
  abilityFor,
  abilitySchema,
  capabilitiesFor,
  type InputRequest,
  inputRequestSchema,
} from './input-request.ts';
export { inputResponseSchemas } from './input-response.ts';
export {
  ACCESS_TOKEN_TYPE,
  type AccessTokenClaims,
  accessTokenClaimsSchema,
  type Issuer,
  issuerSchema,
  type ToolScope,
  toolScopes,
} from './issuer.ts';
export {
  canonicalJson,
  isDeeperThan,
  isJsonObject,
  type Json,
  type JsonObject,
  jsonObjectSchema,
  jsonSchema,
} from './json.ts';
export { appendPointer, pointerSegments } from './json-pointer.ts';
export {
  type ApiKeyRecord,
  apiKeyRecordSchema,
  CONNECTION_REPORT,
  type Icon,
  ISSUER_KEYS,
  ISSUER_USER,
  iconSchema,
  type Manifest,
  type ManifestAuthorization,
  type ManifestConnection,
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
export { type MetaToolName, metaToolNames } from './meta-tools.ts';
export { type MetricLabel, type MetricName, metricBuckets, metrics } from './metric-names.ts';
export { listNarrowingInputs } from './narrowing-inputs.ts';
export {
  type Plan,
  type PlanAction,
  type PlanPagination,
  type PlanQuestion,
  type PlanStep,
  type PlanWorkflow,
  type PlanWorkflowCall,
  planLimits,
  planSchema,
} from './plan.ts';
export {
  abilitiesFor,
  type ExternalQuestion,
  externalEras,
  externalQuestions,
  externalTransports,
  HOPS_HEADER,
  type PlanExternal,
  planExternalSchema,
} from './plan-external.ts';
export { type HttpMethod, httpMethods, isIdempotent, type PlanParameter, type PlanRequest } from './plan-request.ts';
export {
  type Policy,
  type PolicyLimit,
  type PolicyRule,
  policyCallersSchema,
  policyLimitSchema,
  policyPatternSchema,
  policyRuleSchema,
  policySchema,
  policyTimesSchema,
  policyToolsSchema,
} from './policy.ts';
export { poolNameSchema, readLinkToken, toLinkToken } from './pool.ts';
export {
  RECORDING_FORMAT,
  type RecordedAnswer,
  type Recording,
  recordedAnswerSchema,
  recordingLimits,
  recordingSchema,
  toRecording,
} from './recording.ts';
export {
  type Difference,
  differenceSchema,
  type Replay,
  type ReplayRequest,
  replayedCallSchema,
  replayRequestSchema,
  replaySchema,
} from './replay.ts';
export {
  type MembershipScope,
  permissionsOfRoles,
  type Role,
  type Roles,
  reaches,
  roleSchema,
  roles,
} from './roles.ts';
export { ruleOfIssue, toBrokenRules } from './rule-of-issue.ts';
export {
  SINGLE_SIGN_ON_SECRET,
  type SignedOn,
  type StartedSingleSignOn,
  signedOnSchema,
  startedSingleSignOnSchema,
} from './single-sign-on.ts';
export { clientDocumentLimits, sourceLimits } from './source-limits.ts';
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
