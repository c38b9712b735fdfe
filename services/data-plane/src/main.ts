import { runService } from '@toolplane/service-kit';
import { startDataPlane } from './service.ts';

await runService('data-plane', startDataPlane);
