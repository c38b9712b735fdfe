import type { Fault, FaultContext } from './fault.ts';
import type { LinkState, TcpLink } from './tcp-link.ts';

/* Links that are slow, broken or silent: between each service and Redis, and between the data planes and the upstream. */

const SLOW_MS = 700;

const states: Readonly<Record<string, { state: LinkState; holdMs: Fault['holdMs'] }>> = {
  slow: { state: { is: 'slow', delayMs: SLOW_MS }, holdMs: [2_000, 6_000] },
  cut: { state: { is: 'cut' }, holdMs: [100, 5_000] },
  silent: { state: { is: 'silent' }, holdMs: [1_000, 12_000] },
};

type Chosen = { name: string; link: TcpLink | undefined };

const links: Readonly<Record<string, (context: FaultContext) => Chosen>> = {
  'edge to Redis': ({ stage, random }) => toChosen(random.pick(stage.edges)),
  'data plane to Redis': ({ stage, random }) => toChosen(random.pick(stage.dataPlanes)),
  'control plane to Redis': ({ stage }) => toChosen(stage.controlPlane),
  'data planes to upstream': ({ stage }) => ({ name: 'upstream', link: stage.upstreamLink }),
};

function toChosen({ name, link }: { name: string; link?: TcpLink }): Chosen {
  return { name, link };
}

export const linkFaults: readonly Fault[] = Object.entries(links).flatMap(([between, choose]) =>
  Object.entries(states).map(([how, { state, holdMs }]): Fault => {
    const isSlowUpstream = how === 'slow' && between.endsWith('upstream');
    return {
      name: `link ${between}: ${how}`,
      touches: [between],
      holdMs,
      // The link delays both directions, and it still holds bytes when it becomes fast again.
      ...(isSlowUpstream ? { upstreamDelayMs: 2 * SLOW_MS } : {}),
      async inject(context) {
        const { name, link } = choose(context);
        if (link === undefined) throw new Error(`${name} has no link`);
        context.note(`${how}: the link of ${name}`);
        link.set(state);
        return () => link.set({ is: 'open' });
      },
    };
  }),
);
