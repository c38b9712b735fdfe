import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { type FolderImports, orderFolders, readFolderImports } from './folder-imports.ts';
import { LocalError, runTask } from './local-error.ts';

const project = join(import.meta.dirname, '..', '..');
const FOLDER = '.cache/graph';

/**
 * `npm run graph [-- <folder>…]` draws the imports between the folders of each service, or between those of the given
 * folders (`services/control-plane/src/servers`, `packages/compiler/src`), as SVG.
 */
await runTask(async () => {
  const given = process.argv.slice(2).map((path) => path.replace(/\/$/, ''));
  const graphviz = await Graphviz.load();
  for (const unit of given.length > 0 ? given : globSync('services/*/src', { cwd: project }).toSorted()) {
    const imports = readFolderImports(unit);
    if (imports.size === 0) throw new LocalError(`${unit} has no folders with TypeScript files`);
    const file = join(FOLDER, `${toName(unit)}.svg`);
    mkdirSync(join(project, FOLDER), { recursive: true });
    writeFileSync(join(project, file), graphviz.dot(toDot(unit, imports)));
    process.stdout.write(`${file}\n`);
  }
});

/** `services/edge/src` → `edge`, `services/control-plane/src/servers` → `control-plane-servers`. */
function toName(unit: string): string {
  const [, ...rest] = unit.split('/');
  return rest.filter((name) => name !== 'src').join('-');
}

/** An arrow leads down to what is imported, and is thicker the more imports it stands for. One that leads up is red. */
function toDot(unit: string, imports: FolderImports): string {
  const order = orderFolders(unit, imports);
  const arrows = [...imports].flatMap(([from, imported]) =>
    Array.from(imported, ([to, count]) => {
      const width = (0.5 + Math.sqrt(count) / 2).toFixed(2);
      const tooltip = `${from} imports ${to}: ${count}`;
      const isUp = order.indexOf(to) < order.indexOf(from);
      const arrow = `${quote(from)} -> ${quote(to)} [penwidth=${width} tooltip=${quote(tooltip)}`;
      // The invisible arrow puts the importing folder below, so that the red one leads up.
      return isUp
        ? `${arrow} color="#d1242f" constraint=false]\n${quote(to)} -> ${quote(from)} [style=invis]`
        : `${arrow}]`;
    }),
  );
  return [
    'digraph {',
    `label=${quote(`${unit}\nred arrows lead up`)} labelloc=t fontname="Helvetica" fontsize=12`,
    'ranksep=0.6 nodesep=0.2',
    'node [shape=box style="rounded,filled" fillcolor="#f6f8fa" color="#57606a" fontname="Helvetica" fontsize=13]',
    'edge [color="#57606a99" arrowsize=0.7]',
    ...order.filter((folder) => imports.has(folder)).map((folder) => quote(folder)),
    ...arrows,
    '}',
  ].join('\n');
}

function quote(text: string): string {
  return JSON.stringify(text);
}
