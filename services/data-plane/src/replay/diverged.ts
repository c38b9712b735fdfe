import { AppError } from '@toolplane/contracts';
import type { RequestPlace } from '../egress/http-client.ts';

/** The run reached a place for which the recording has no answer, and must not continue. */
export class Diverged extends AppError {
  readonly place: RequestPlace;

  constructor(place: RequestPlace, message: string) {
    super('conflict', message);
    this.name = 'Diverged';
    this.place = place;
  }
}
