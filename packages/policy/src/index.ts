export { checkPolicy, type PolicyProblem } from './check-policy.ts';
export {
  approvalOf,
  type CompiledPolicy,
  changesAt,
  compilePolicy,
  type Decision,
  decide,
  decideListing,
  limitsFor,
} from './compiled-policy.ts';
export { type PolicyCaller, toCallerFromElsewhere } from './match-caller.ts';
export { compileToolNames, compileTools, type PolicyTool } from './match-tool.ts';
