import { runService } from '@toolplane/service-kit';
import { startControlPlane } from './service.ts';

await runService('control-plane', startControlPlane);
