import type { ApiKey } from './client.ts';
import type { Random } from './random.ts';
import type { Stage } from './stage.ts';

export type FaultContext = {
  stage: Stage;
  /** Of this injection: chooses the victims. */
  random: Random;
  /** The key of some of the calls, which may be revoked or replaced. */
  spareKey: { current: ApiKey & { id: string } };
  /** For the evidence. */
  note(line: string): void;
};

/** Ends the fault: resolves when what was taken away is there again. */
export type EndFault = () => Promise<void> | void;

export type Fault = {
  name: string;
  /** Two faults that touch the same are not injected together. */
  touches: readonly string[];
  holdMs: readonly [min: number, max: number];
  /** Takes a minute or more: only in runs of ten minutes or more, or when it is asked for by name. */
  isLong?: true;
  needsClocks?: true;
  /** How much later the upstream may get what was sent. */
  upstreamDelayMs?: number;
  inject(context: FaultContext): Promise<EndFault>;
};
