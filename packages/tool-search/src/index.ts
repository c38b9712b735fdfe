export { toSearchableTool } from './to-searchable-tool.ts';
export { buildToolSearch, type FoundTool, type ToolSearch } from './tool-search.ts';
