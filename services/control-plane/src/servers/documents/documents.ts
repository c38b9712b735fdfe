import type { CompiledDocument } from '@toolplane/compiler';
import type { Diagnostic } from '@toolplane/contracts';
import type { Destination } from '../../platform/commands/commands.ts';
import type { Compiled, CompileSettings, MissingSource } from './compiling/compile-task.ts';
import type { Compiler } from './compiling/compiler.ts';
import type { FetchThroughDataPlane } from './fetch-document.ts';
import type { KeptReference } from './reference.ts';

export type DocumentSource = { definition: string; references: KeptReference[] };

export type Build = {
  diagnostics: Diagnostic[];
  /** Includes the fetched documents. Each reference has a hash if the compilation succeeded. */
  references: KeptReference[];
  /** Absent if the document has errors. `document` is what `text` says. */
  compiled?: Compiled & { document: CompiledDocument };
};

export type Documents = {
  /**
   * Fetches the documents to which the document refers, and those to which they refer in turn, then compiles them all.
   * `pool` is the pool of the server.
   */
  build(source: DocumentSource, settings: CompileSettings, pool: string | null): Promise<Build>;
  /** Compiles the document with the given references only. */
  rebuild(source: DocumentSource, settings: CompileSettings): Promise<Build>;
};

/** The depth to which references between documents are followed. */
const ROUNDS_MAX = 20;
/** The number of concurrent fetches of one deployment; the data plane does not run more for a workspace. */
const FETCHES_AT_ONCE = 3;
const FETCH_MS_MAX = 60_000;
const FETCHED_LENGTH_MAX = 20 * 1024 * 1024;

export function createDocuments(options: { compiler: Compiler; fetchDocument: FetchThroughDataPlane }): Documents {
  const { compiler, fetchDocument } = options;

  async function run(
    { definition, references: given }: DocumentSource,
    settings: CompileSettings,
    { rounds, pool }: { rounds: number; pool: string | null },
  ) {
    const { workspaceId } = settings;
    const fetching = startFetching({ tenant: workspaceId, pool });
    const references = [...given];
    for (let round = 0; ; round += 1) {
      const { unavailable } = fetching;
      const task = { definition, references, options: settings, unavailable, canFetch: round < rounds };
      const answer = await compiler.compile(workspaceId, task);
      if (!('missing' in answer)) {
        const { compiled, ...rest } = answer;
        const document = compiled && (JSON.parse(compiled.text) as CompiledDocument);
        const hashed = withHashes(references, compiled);
        return { ...rest, references: hashed, ...(compiled && document && { compiled: { ...compiled, document } }) };
      }
      references.push(...(await fetching.fetchAll(answer.missing)));
    }
  }

  /** All fetches of one deployment share limits of time and length. */
  function startFetching(to: Destination) {
    const until = performance.now() + FETCH_MS_MAX;
    const unavailable: Record<string, string> = {};
    let length = 0;

    async function fetch({ name, url }: MissingSource): Promise<KeptReference[]> {
      if (performance.now() > until) {
        unavailable[url] = `Fetching the documents before it took more than ${FETCH_MS_MAX / 1000} seconds`;
        return [];
      }
      const fetched = await fetchDocument(to, url);
      if ('content' in fetched) length += fetched.content.length;
      if ('reason' in fetched) unavailable[url] = fetched.reason;
      else if (length > FETCHED_LENGTH_MAX)
        unavailable[url] = 'Together with the other documents, it is larger than 20 MiB';
      else return [{ name, location: url, fetchedAt: new Date().toISOString(), ...fetched }];
      return [];
    }

    async function fetchAll(missing: MissingSource[]): Promise<KeptReference[]> {
      const found: KeptReference[] = [];
      for (let start = 0; start < missing.length; start += FETCHES_AT_ONCE) {
        found.push(...(await Promise.all(missing.slice(start, start + FETCHES_AT_ONCE).map(fetch))).flat());
      }
      return found;
    }

    return { unavailable, fetchAll };
  }

  return {
    build: (source, settings, pool) => run(source, settings, { rounds: ROUNDS_MAX, pool }),
    rebuild: (source, settings) => run(source, settings, { rounds: 0, pool: null }),
  };
}

function withHashes(references: KeptReference[], compiled: Compiled | undefined): KeptReference[] {
  return references.map((reference, index) => {
    const sha256 = compiled?.sha256s[index] ?? reference.sha256;
    return { ...reference, ...(sha256 === undefined ? {} : { sha256 }) };
  });
}
