import type { HttpAnswer, TestControlPlane } from './control-plane.ts';
import { sealAnywhere } from './seal-anywhere.ts';

/** A valid descriptor with three authentications, a configured host, and one tool for each given name. */
export function crmDescriptor({
  slug = 'crm',
  version = '1.0.0',
  tools = ['find_contact'],
  mcp = true,
  more = '',
} = {}) {
  const operations = tools.map(
    (name) => `
  - operation_id: op_${name}
    endpoint: "https://{config.region}.crm.example.test/contacts/{id}"
    method: GET
    auth_type_ref: token
    auth_headers: { Authorization: "Bearer {token}" }
    parameters: [{ name: id, location: path, field_type: string, required: true, description: Id of a contact }]
  - operation_id: signed_in_${name}
    endpoint: https://crm.example.test/me
    method: POST
    auth_type_ref: oauth`,
  );
  const mappings = tools.map(
    (name) => `
    - { operation_id: op_${name}, mcp_tool_name: ${name}, mcp_tool_description: Finds a contact by its id. }
    - { operation_id: signed_in_${name}, mcp_tool_name: ${name}_mine, mcp_tool_description: Finds my own contact. }`,
  );
  return `metadata:
  name: CRM ${slug}
  slug: ${slug}
  version: ${version}
  description: Contacts of the sales department.
  publisher: Platform Team
  categories: [saas, custom]
  configuration: [{ key: region, required: true }]
authentication:
  - id: token
    type: api_key
    fields: [{ key: token, field_type: secret, required: true }, { key: realm, default_value: main }]
    test_endpoint: { url: "https://{config.region}.crm.example.test/me" }
  - id: oauth
    type: oauth2_authorization_code
    authorization_url: "https://{config.region}.id.example.test/authorize"
    token_url: "https://{config.region}.id.example.test/token"
    scopes: [contacts]
    caller_token: refuse
sla: { availability_percentage: 99.5, latency_ms_p95: 1500 }
operations:${operations.join('')}
${more}
mcp_config:
  enabled: ${mcp}
  server_name: CRM_${slug}
  server_description: Tools for contacts
  route_mappings:${mappings.join('')}
`;
}

/** Requests of the REST API that the tests of instances share. */
export function createConnectedApi(plane: TestControlPlane) {
  let count = 0;
  const options = (key?: string) => (key === undefined ? {} : { key });

  return {
    async register(descriptor: string, key?: string): Promise<HttpAnswer> {
      return plane.send('POST', '/api/v1/connectors', { descriptor }, options(key));
    },
    /** Creates an instance, of a new connector unless one is named. */
    async createInstance(fields: Record<string, unknown> = {}, key?: string): Promise<HttpAnswer> {
      count += 1;
      const slug = `crm-${count}`;
      if (fields['connector'] === undefined) await this.register(crmDescriptor({ slug }), key);
      const request = {
        connector: slug,
        instance_name: `CRM ${count}`,
        auth_type: 'token',
        configuration: { region: 'eu' },
        ...fields,
      };
      return plane.send('POST', '/api/v1/connector-instances', request, options(key));
    },
    async get(path: string, key?: string): Promise<HttpAnswer> {
      return plane.send('GET', `/api/v1${path}`, undefined, options(key));
    },
    seal: (value: Record<string, string>, hosts = ['*.example.test']) =>
      sealAnywhere(plane.sealingKey, { value, hosts }),
    /** Creates a key for another workspace of the organization of the root key. */
    async createNeighbour(permissions: string[]): Promise<{ key: string; workspaceId: string }> {
      count += 1;
      const workspace = await plane.send('POST', '/api/v1/workspaces', { name: `neighbour ${count}` });
      const workspaceId = workspace.body.data.id;
      const { body } = await plane.send('POST', '/api/v1/api-keys', { name: 'neighbour', workspaceId, permissions });
      return { key: body.data.key, workspaceId };
    },
    /** Catches up, as the service does every second. */
    async catchUp(): Promise<void> {
      await plane.following.catchUp();
    },
  };
}

/** Repeats a request until the answer is as expected. Only the time limit of the test ends it. */
export async function eventually<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
