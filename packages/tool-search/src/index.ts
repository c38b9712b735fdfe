export type { SearchableTool } from './tool-document.ts';
export { buildToolSearch, type FoundTool, type ToolSearch } from './tool-search.ts';
