import { gzipSync } from 'node:zlib';
import {
  type Command,
  type ExternalServer,
  type ExternalTool,
  failed,
  type Json,
  type Outcome,
  succeeded,
} from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';

/** External MCP servers as a data plane reports them, by URL. Any other URL is unreachable. */
export type DeclaredServers = {
  servers: Map<string, ExternalServer>;
  /** By URL, the promise for which a server waits before it answers. */
  held: Map<string, Promise<void>>;
  /** Undefined if the command is another one. */
  answer(command: Command): Outcome | undefined;
  inspections: Extract<Command, { command: 'inspect_external_server' }>[];
};

export function createDeclaredServers(): DeclaredServers {
  const servers = new Map<string, ExternalServer>();
  const inspections: DeclaredServers['inspections'] = [];
  return {
    servers,
    held: new Map(),
    inspections,
    answer(command) {
      if (command.command !== 'inspect_external_server') return undefined;
      inspections.push(command);
      if (command.url.includes('denied')) return failed('done', 'egress_denied', 'The host may not be asked');
      if (command.url.includes('sign-in'))
        return failed('done', 'external_sign_in_needed', 'Whoever manages it signs in');
      const declared = servers.get(command.url);
      if (declared === undefined) return failed('done', 'external_server_unavailable', 'Nothing answers there');
      return answerOfInspection(declared);
    },
  };
}

export function answerOfInspection(declared: ExternalServer): Outcome {
  return succeeded({ gzipped: gzipSync(JSON.stringify(declared)).toString('base64') });
}

export function declaredTool(name: string, description = `Does ${name}`): ExternalTool {
  const inputSchema = { type: 'object', properties: { city: { type: 'string' } } };
  const reported = { name, description, inputSchema, annotations: { readOnlyHint: true } };
  return { ...reported, digest: digestOf(reported as Json) };
}

export function declaredServer(tools: readonly ExternalTool[], more: Partial<ExternalServer> = {}): ExternalServer {
  return {
    era: 'legacy',
    transport: 'http',
    serverInfo: { name: 'weather', version: '1' },
    tools: [...tools],
    prompts: [],
    resources: [],
    resourceTemplates: [],
    leftOut: [],
    ...more,
  };
}
