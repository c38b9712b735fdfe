import type { JsonObject } from '@toolplane/contracts';
import type { Hint } from '../document/problems.ts';

/** A tool as a client will see it, with a function that reports advice on a part of it. */
export type PlacedTool = {
  name: string;
  description?: string;
  inputSchema: JsonObject;
  /** `member` is a pointer into the tool (`/name`, `/description`, `/inputSchema/…`); empty for the tool as a whole. */
  warn(member: string, code: string, message: string, hint: Hint): void;
};
