import type { Manifest, Tool } from '@toolplane/contracts';
import { compileJsonSchema, type Validate } from '@toolplane/json-schema';

/** A manifest made ready to serve. Made once per manifest, so that a call finds everything compiled. */
export type HostedServer = {
  readonly manifest: Manifest;
  readonly tools: ReadonlyMap<string, HostedTool>;
  /** How the server names itself in either protocol era. */
  readonly serverInfo: { name: string; title: string; version: string };
};

export type HostedTool = {
  readonly tool: Tool;
  /** Compiled at the tool's first call: a server of a hundred tools must not hold up its first client. */
  validate: Validate;
};

const hostedServers = new WeakMap<Manifest, HostedServer>();

/** Manifests are immutable and shared, so the manifest itself is the cache key and its memory goes with it. */
export function toHostedServer(manifest: Manifest): HostedServer {
  const known = hostedServers.get(manifest);
  if (known !== undefined) return known;
  const tools = new Map(manifest.tools.map((tool) => [tool.name, toHostedTool(tool)]));
  const { slug: name, title, revision } = manifest;
  const hosted = { manifest, tools, serverInfo: { name, title, version: String(revision) } };
  hostedServers.set(manifest, hosted);
  return hosted;
}

function toHostedTool(tool: Tool): HostedTool {
  const hosted: HostedTool = {
    tool,
    validate: (value) => {
      hosted.validate = compileJsonSchema(tool.inputSchema);
      return hosted.validate(value);
    },
  };
  return hosted;
}
