import type { Recording } from '@toolplane/contracts';
import { flowerDocument } from './control-plane.ts';
import { ticketDescriptor } from './ticket-descriptor.ts';

const openApiDocument = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Things of the shop', version: '1' },
  servers: [{ url: 'https://api.example.test' }],
  paths: { '/things': { get: { operationId: 'listThings', summary: 'List all things', responses: {} } } },
});

const recording: Recording = {
  format: 'toolplane-recording',
  version: 1,
  tool: 'ticket_status',
  plan_digest: '0'.repeat(64),
  caller: 'key',
  recorded_at: '2026-01-01T00:00:00.000Z',
  inputs: {},
  answers: [],
  outcome: 'done',
};

/** A valid body for every route that accepts one, by operation id. */
export function requestBodies({ sealed, mcpUrl }: { sealed: string; mcpUrl: string }): Record<string, unknown> {
  return {
    changeAgent: { description: 'changed' },
    changeApiKey: { description: 'changed' },
    toggleAgent: { isActive: false },
    toggleExternalUser: { isActive: false },
    createAgent: { name: 'made by the matrix' },
    createAgentClient: { name: 'made by the matrix' },
    createApiKey: { name: 'made by the matrix' },
    rotateApiKey: {},
    changeMember: { scope: 'organization', role: 'maintainer' },
    createSsoConnection: { issuer: 'https://id.example.test', clientId: 'toolplane', domains: ['matrix.example.test'] },
    changeSsoConnection: { isEnforced: false },
    createInvitation: { scope: 'workspace', role: 'viewer' },
    createMcpServer: { name: 'made-by-the-matrix' },
    createMcpServerByManager: { name: 'made-by-the-twin' },
    createOrganization: { name: 'Made by the matrix' },
    createWorkspace: { name: 'Made by the matrix' },
    approveExternalTools: {},
    approveExternalToolsByManager: {},
    loadToolsFromUrl: { url: mcpUrl },
    loadToolsFromUrlByManager: { url: mcpUrl },
    createExternalUser: { username: 'made-by-the-matrix' },
    changeWorkspace: { unknownUsers: 'create' },
    changeMcpServer: { description: 'changed' },
    changeMcpServerByManager: { description: 'changed' },
    duplicateMcpServer: { name: 'copied-by-the-matrix' },
    duplicateMcpServerByManager: { name: 'copied-by-the-twin' },
    deploy: { definition: flowerDocument('matrix') },
    deprecateConnector: { version: '1.0.0' },
    importConnectorFromOpenApi: { document: openApiDocument },
    registerConnector: { descriptor: ticketDescriptor({ slug: 'made-by-the-matrix' }) },
    validateConnector: { descriptor: ticketDescriptor({ slug: 'made-by-the-matrix' }) },
    validateDocument: { definition: flowerDocument('matrix') },
    openDebugSession: {},
    openDebugSessionByManager: {},
    replayCall: { recording, against: 'current' },
    replayCallByManager: { recording, against: 'current' },
    pinSecret: { version: 1 },
    putPolicy: { policy: {} },
    putPolicyByManager: { policy: {} },
    explainPolicy: { tool: 'ticket_status' },
    explainPolicyByManager: { tool: 'ticket_status' },
    approveCall: {},
    denyCall: {},
    putSecret: { sealed },
    putEgressRules: { allowHosts: null, denyHosts: [] },
    createConnectorInstance: {
      connector: 'made-by-the-matrix',
      instance_name: 'Made by the matrix',
      auth_type: 'api_key',
    },
    changeConnectorInstance: { is_enabled: false },
    putCredentials: { scope: 'workspace', auth_type: 'oauth', sealed },
    startAuthorization: { scope: 'workspace' },
    startExternalSignIn: {},
    startExternalSignInByManager: {},
    testConnection: {},
  };
}
