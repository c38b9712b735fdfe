import { hash } from 'node:crypto';
import { type CompileOptions, compileDocument, listMissingSources, type Reference } from '@toolplane/compiler';
import type { Diagnostic, Plan } from '@toolplane/contracts';
import { listCalledOrigins } from './called-origins.ts';
import { tooComplex } from './too-complex.ts';

/** What a task process is asked to compile. */
export type CompileTask = {
  definition: string;
  references: Reference[];
  /** Why there is no document at a URL: it is not asked for again. */
  unavailable: Record<string, string>;
  /** False: what is missing is missing. */
  canFetch: boolean;
  options: CompileSettings;
};

/** What of a server a document is compiled for. */
export type CompileSettings = Omit<CompileOptions, 'references' | 'unavailable'>;

export type CompileAnswer =
  /** To be fetched before anything can be compiled. */
  { missing: MissingSource[] } | { diagnostics: Diagnostic[]; compiled?: Compiled };

export type MissingSource = { name: string; url: string };

export type Compiled = {
  /** JSON of the `CompiledDocument`: as text, because whoever asked only keeps it. */
  text: string;
  /** Of the contents of the references, in their order. */
  sha256s: string[];
  /** Of all that was compiled and of what came out: equal digests, nothing to deploy. */
  digest: string;
  /** What the tools call, as far as it is known before a call. */
  origins: string[];
  toolsCount: number;
  /** Of a connector. */
  connectionTest?: Plan;
};

/** Each tool has the workflows that it calls in its own plan, so a document can grow by being compiled. */
const COMPILED_MIB_MAX = 4;
/** Two thousand tools, each with its own way to sign in. */
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
