import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { describeAgents } from '../console/agents.ts';
import { describeApiKeys } from '../console/api-keys.ts';
import { describeApprovals } from '../console/approvals.ts';
import { describeAudit } from '../console/audit.ts';
import { describeCalls } from '../console/calls.ts';
import { describeConnectors } from '../console/connectors.ts';
import { describeDeploying } from '../console/deploying.ts';
import { describeEgress } from '../console/egress.ts';
import { describeExternal } from '../console/external.ts';
import { describeExternalUsers } from '../console/external-users.ts';
import { describeMembers } from '../console/members.ts';
import { describePolicies } from '../console/policies.ts';
import { describeSecrets } from '../console/secrets.ts';
import { describeSelectedTools } from '../console/selected-tools.ts';
import { describeServers } from '../console/servers.ts';
import { describeServing } from '../console/serving.ts';
import { describeSeveralWindows } from '../console/several-windows.ts';
import { describeTrying } from '../console/trying.ts';
import { type ConsoleInUse, startConsole } from '../src/console.ts';

/* The web console in a real browser, over a whole platform, which all parts use after one another. */

// A browser next to all other tests takes its time.
jest.setTimeout(60_000);

let inUse: ConsoleInUse;
beforeAll(async () => {
  inUse = await startConsole();
}, 90_000);
afterAll(async () => {
  await inUse?.[Symbol.asyncDispose]();
});
const using = () => inUse;

describeServing(using);
describeServers(using);
describeTrying(using);
describePolicies(using);
describeMembers(using);
describeAudit(using);
describeSecrets(using);
describeApiKeys(using);
describeCalls(using);
describeApprovals(using);
describeDeploying(using);
describeConnectors(using);
describeAgents(using);
describeExternalUsers(using);
describeEgress(using);
describeExternal(using);
describeSelectedTools(using);
describeSeveralWindows(using);

test('nothing that a page did was refused by its policy, and no script failed', () => {
  // Of what was refused, and of what was tried without a network.
  const isAnswer = /the server responded with a status of 4\d\d|net::ERR_INTERNET_DISCONNECTED/;
  expect(inUse.owner.complaints.filter((line) => !isAnswer.test(line))).toEqual([]);
});
