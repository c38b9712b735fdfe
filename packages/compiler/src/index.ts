export { type CompiledDocument, type CompileOptions, compileFlower } from './flower/compile-flower.ts';
export type { CompiledTool } from './flower/to-tool.ts';
