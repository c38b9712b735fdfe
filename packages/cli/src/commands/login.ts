import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { createApi } from '../platform/api.ts';
import { removeLogin, saveLogin, toKey, toOrigin } from '../platform/login.ts';

export function addLogin(program: Command, { terminal, environment }: CommandContext): void {
  program
    .command('login')
    .summary('save where the platform is, and a key for it')
    .description('Save where the platform is, and an API key for it: typed in unseen, or piped to stdin.')
    .argument('<url>', 'of the platform, such as https://toolplane.example.com')
    .action(async (url: string) => {
      const login = { api: toOrigin(url), key: toKey(await terminal.readSecret('API key')) };
      // Any key may ask for this, and no other text.
      await createApi(login)('GET', '/sealing-key');
      terminal.note(`Logged in to ${login.api}. The key is in ${saveLogin(environment, login)}`);
    });
  program
    .command('logout')
    .summary('forget that key')
    .description('Forget the key that was saved. It stays good until it is revoked.')
    .action(() => removeLogin(environment));
}
