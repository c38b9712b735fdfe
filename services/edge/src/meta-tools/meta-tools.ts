import { type CallMetaTool, toCallMetaTool } from './call-meta-tool.ts';
import { discoverTools } from './discover-tools.ts';
import { executeTools } from './execute-tools.ts';
import { getToolSchemas } from './get-tool-schemas.ts';
import { manageConnections } from './manage-connections.ts';

/** The meta tools by name. A Map, because names come from clients. */
export const metaTools: ReadonlyMap<string, CallMetaTool> = new Map([
  [discoverTools.definition.name, toCallMetaTool(discoverTools)],
  [getToolSchemas.definition.name, toCallMetaTool(getToolSchemas)],
  [executeTools.definition.name, toCallMetaTool(executeTools)],
  [manageConnections.definition.name, toCallMetaTool(manageConnections)],
]);
