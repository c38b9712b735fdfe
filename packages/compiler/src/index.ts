export { listMissingSources } from './arazzo/sources/list-missing-sources.ts';
export type { Reference } from './arazzo/sources/reference.ts';
export { compileDocument } from './compile-document.ts';
export type { CompiledDocument, CompiledTool, CompileOptions } from './compiled-document.ts';
