import { AppError } from '@toolplane/contracts';
import type { RequestPosition } from '../egress/http-client.ts';

/** Thrown if the run reached a position for which the recording has no response, so that it must not continue. */
export class Diverged extends AppError {
  readonly position: RequestPosition;

  constructor(position: RequestPosition, message: string) {
    super('conflict', message);
    this.name = 'Diverged';
    this.position = position;
  }
}
