import { runService } from '@toolplane/service-kit';
import { startEdge } from './service.ts';

await runService('edge', startEdge);
