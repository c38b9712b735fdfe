import { Command } from 'commander';

/** Sets what a group of commands does without a subcommand. */
export function listByDefault(group: Command, list: () => Promise<void>): void {
  group
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_options: object, { args }: Command) => {
      if (args.length > 0) refuseUnknown(group, args);
      await list();
    });
}

/** Only a command without its own action suggests similar names. */
function refuseUnknown(group: Command, args: readonly string[]): void {
  const namesakes = new Command(group.name()).copyInheritedSettings(group);
  for (const command of group.commands) namesakes.addCommand(command);
  namesakes.parse(args, { from: 'user' });
}
