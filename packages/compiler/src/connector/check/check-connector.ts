import type { Audience } from '../../ergonomics/check-tools.ts';
import type { DescriptorDraft } from '../descriptor/draft.ts';
import { checkAuthentication } from './check-authentication.ts';
import { checkChains } from './check-chains.ts';
import { checkOptionalFields } from './check-configuration.ts';
import { checkFields } from './check-fields.ts';
import { checkMappedTools } from './check-mapped-tools.ts';
import { checkMcpConfig } from './check-mcp-config.ts';
import { checkOperations } from './check-operations.ts';
import { checkRateLimits } from './check-rate-limits.ts';

/** Checks all rules that the schema cannot express. */
export function checkConnector(draft: DescriptorDraft, audience: Audience = {}): void {
  checkFields(draft, draft.connector.metadata.configuration, 'metadata', 'configuration');
  checkOptionalFields(draft);
  checkAuthentication(draft);
  checkChains(draft);
  checkOperations(draft);
  checkRateLimits(draft);
  checkMcpConfig(draft);
  checkMappedTools(draft, audience);
}
