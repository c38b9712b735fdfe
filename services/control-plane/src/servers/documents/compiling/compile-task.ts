import { hash } from 'node:crypto';
import { type CompileOptions, compileDocument, listMissingSources, type Reference } from '@toolplane/compiler';
import type { Diagnostic, Plan } from '@toolplane/contracts';
import { listCalledOrigins } from './called-origins.ts';
import { tooComplex } from './too-complex.ts';

/** The input of a task process for compiling. */
export type CompileTask = {
  definition: string;
  references: Reference[];
  /** The reasons why URLs returned no document; these URLs are not requested again. */
  unavailable: Record<string, string>;
  /** If false, missing documents are not fetched. */
  canFetch: boolean;
  options: CompileSettings;
};

/** The settings of a server that affect compiling a document. */
export type CompileSettings = Omit<CompileOptions, 'references' | 'unavailable'>;

export type CompileAnswer =
  /** Documents that must be fetched before anything can be compiled. */
  { missing: MissingSource[] } | { diagnostics: Diagnostic[]; compiled?: Compiled };

export type MissingSource = { name: string; url: string };

export type Compiled = {
  /** The JSON of the `CompiledDocument`, as text because the caller only stores it. */
  text: string;
  /** Hashes of the contents of the references, in their order. */
  sha256s: string[];
  /**
   * The digest of everything that was compiled and of the result: if it has not changed, there is nothing to deploy.
   */
  digest: string;
  /** The origins that the tools call, as far as they are known before a call. */
  origins: string[];
  toolsCount: number;
  /** The plan of a connector's connection test. */
  connectionTest?: Plan;
};

/**
 * The limit of a compiled document, which can be larger than the document because the plan of each tool contains the
 * workflows that it calls.
 */
const COMPILED_MIB_MAX = 4;
/** The limit is enough for two thousand tools, each with its own authentication. */
const COMPILED_CONNECTOR_MIB_MAX = 16;

export function runCompileTask(task: CompileTask): CompileAnswer {
  const { definition, references, options, unavailable, canFetch } = task;
  if (canFetch) {
    const missing = listMissingSources(definition, references).filter(({ url }) => !Object.hasOwn(unavailable, url));
    if (missing.length > 0) return { missing };
  }
  const { diagnostics, document } = compileDocument(definition, { ...options, references, unavailable });
  if (document === undefined) return { diagnostics };
  const { connectionTest, ...kept } = document;
  const text = JSON.stringify(kept);
  const mibMax = options.connector === undefined ? COMPILED_MIB_MAX : COMPILED_CONNECTOR_MIB_MAX;
  if (text.length > mibMax * 1024 * 1024) {
    return { diagnostics: [...diagnostics, tooComplex(`The compiled document is larger than ${mibMax} MiB`)] };
  }
  const origins = listCalledOrigins(document.tools.map(({ plan }) => plan));
  return {
    diagnostics,
    compiled: {
      text,
      ...digestsOf(task, text),
      origins,
      toolsCount: document.tools.length,
      ...(connectionTest && { connectionTest }),
    },
  };
}

function digestsOf({ definition, references }: CompileTask, text: string): Pick<Compiled, 'sha256s' | 'digest'> {
  const sha256s = references.map(({ content }) => hash('sha256', content, 'hex'));
  const places = references.map(({ name, location }) => ({ name, location }));
  return { sha256s, digest: hash('sha256', JSON.stringify([definition, places, sha256s, text]), 'hex') };
}
