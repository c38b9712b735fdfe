import { describeAgents } from '../console/agents.ts';
import { describeApiKeys } from '../console/api-keys.ts';
import { describeApprovals } from '../console/approvals.ts';
import { describeAudit } from '../console/audit.ts';
import { describeCalls } from '../console/calls.ts';
import { describeConsole } from '../console/describe-console.ts';
import { describeEgress } from '../console/egress.ts';
import { describeExternalUsers } from '../console/external-users.ts';
import { describeMembers } from '../console/members.ts';
import { describePolicies } from '../console/policies.ts';
import { describeSecrets } from '../console/secrets.ts';

/* The pages of the console on which people grant access and inspect activity. */

describeConsole([
  describePolicies,
  describeMembers,
  describeAudit,
  describeSecrets,
  describeApiKeys,
  describeCalls,
  describeApprovals,
  describeAgents,
  describeExternalUsers,
  describeEgress,
]);
