export type { CompiledTool } from './flower/compile/to-tool.ts';
export { type CompiledDocument, type CompileOptions, compileFlower } from './flower/compile-flower.ts';
