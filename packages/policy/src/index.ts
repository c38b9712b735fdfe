export { checkPolicy, type PolicyProblem } from './check-policy.ts';
export {
  approvalOf,
  type CompiledPolicy,
  changesAt,
  compilePolicy,
  decide,
  decideListing,
  limitsFor,
  type PolicyDecision,
} from './compiled-policy.ts';
export { type PolicyCaller, toCallerFromElsewhere } from './match-caller.ts';
export { compileToolNames, compileTools, type PolicyTool } from './match-tool.ts';
