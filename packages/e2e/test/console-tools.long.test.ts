import { describeAccessibility } from '../console/accessibility.ts';
import { describeConnecting } from '../console/connecting.ts';
import { describeConnectors } from '../console/connectors.ts';
import { describeDeploying } from '../console/deploying.ts';
import { describeConsole } from '../console/describe-console.ts';
import { describeExternal } from '../console/external.ts';
import { describeSelectedTools } from '../console/selected-tools.ts';
import { describeServers } from '../console/servers.ts';
import { describeServing } from '../console/serving.ts';
import { describeSeveralWindows } from '../console/several-windows.ts';
import { describeTrying } from '../console/trying.ts';

/*
 * The pages of the console on which people declare and test tools. The console's tests are in two files, because each
 * takes a minute.
 */

describeConsole([
  describeServing,
  describeAccessibility,
  describeServers,
  describeConnecting,
  describeTrying,
  describeDeploying,
  describeConnectors,
  describeExternal,
  describeSelectedTools,
  describeSeveralWindows,
]);
