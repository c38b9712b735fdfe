import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { createApi } from '../platform/api.ts';
import { getCurrentKey } from '../platform/current-key.ts';
import { listProfiles, profileOf, removeLogin, saveLogin, toKey, toOrigin } from '../platform/login.ts';
import { toTable } from '../showing/table.ts';
import { addExamples } from './examples.ts';

export function addLogin(program: Command, { terminal, environment, profile, show }: CommandContext): void {
  const named = () => profile() ?? profileOf(environment);
  const login = program
    .command('login')
    .summary('save a platform and an API key for it')
    .description(
      'Save the URL of the platform and an API key for it, which is typed in without echo or piped to stdin.',
    )
    .argument('<url>', 'URL of the platform, such as https://toolplane.example.com')
    .action(async (url: string) => {
      const to = { api: toOrigin(url), profile: named() };
      const login = { ...to, key: toKey(await terminal.readSecret('API key')) };
      // Fails if this is not a valid key.
      await getCurrentKey(createApi(login));
      terminal.note(`Logged in to ${login.api}. The key is in ${saveLogin(environment, login)}`);
    });
  addExamples(
    login,
    'toolplane login https://toolplane.example.com',
    'toolplane login https://staging.example.com --profile staging',
  );
  program
    .command('logout')
    .summary('forget the saved key')
    .description('Forget the saved key. The key stays valid until it is revoked.')
    .action(() => removeLogin(environment, named()));
  program
    .command('profiles')
    .summary('list the saved logins')
    .description('List the saved logins. --profile or TOOLPLANE_PROFILE selects one that is not the default.')
    .action(() => {
      const profiles = listProfiles(environment).map(({ profile: name, api }) => ({
        name,
        api,
        isUsed: name === named(),
      }));
      const toRow = ({ name, api, isUsed }: (typeof profiles)[number]) => [name, api, isUsed ? 'yes' : ''];
      show(profiles, () => toTable(['PROFILE', 'PLATFORM', 'USED'], profiles.map(toRow)));
    });
}
