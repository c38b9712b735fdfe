export { createPacer } from './pacer.ts';
export { toSearchableTool } from './to-searchable-tool.ts';
export { buildToolSearch, type FoundTool, type ToolSearch } from './tool-search.ts';
