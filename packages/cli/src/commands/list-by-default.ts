import { Command } from 'commander';

/** Of a group of commands that does this when it is told nothing else. */
export function listByDefault(group: Command, list: () => Promise<void>): void {
  group
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_options: object, { args }: Command) => {
      if (args.length > 0) refuseUnknown(group, args);
      await list();
    });
}

/** What was meant is suggested only by what has no action of its own. */
function refuseUnknown(group: Command, args: readonly string[]): void {
  const namesakes = new Command(group.name()).copyInheritedSettings(group);
  for (const command of group.commands) namesakes.addCommand(command);
  namesakes.parse(args, { from: 'user' });
}
