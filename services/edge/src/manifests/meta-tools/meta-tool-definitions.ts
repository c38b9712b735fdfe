import { discoverToolsDefinition } from './discover-tools.ts';
import { executeToolsDefinition } from './execute-tools.ts';
import { getToolSchemasDefinition } from './get-tool-schemas.ts';
import { manageConnectionsDefinition } from './manage-connections.ts';
import type { MetaToolDefinition } from './meta-tool-definition.ts';

/** All tools that a server in mode SMART lists. */
export const metaToolDefinitions: readonly MetaToolDefinition[] = [
  discoverToolsDefinition,
  getToolSchemasDefinition,
  executeToolsDefinition,
  manageConnectionsDefinition,
];
