package io.lodestone.cli;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The commands of the program. Those whose names stand among the arguments are described with all
 * their options, the others as a list of commands shows them: to describe them all takes longer
 * than many of them run.
 */
final class Commands {
  /** In the order in which they are listed. */
  private static final Map<Class<?>, List<Class<?>>> BELOW =
      Map.of(
          Lodestone.class,
          List.of(
              HelpCommand.class,
              DemoCommand.class,
              StoreCommand.class,
              BackupCommand.class,
              RestoreCommand.class,
              ReplicaCommand.class,
              MigrateCommand.class,
              GatewayCommand.class,
              InspectCommand.class),
          BackupCommand.class,
          List.of(
              BackupRunCommand.class,
              BackupAgentCommand.class,
              BackupSnapshotCommand.class,
              BackupListCommand.class,
              BackupDescribeCommand.class,
              BackupGetCommand.class,
              BackupHistoryCommand.class,
              BackupDiffCommand.class,
              BackupExportCommand.class,
              BackupVerifyCommand.class,
              BackupCopyCommand.class,
              BackupCompactCommand.class,
              BackupSynthesizeCommand.class,
              BackupExpireCommand.class,
              BackupKeygenCommand.class,
              BackupMarkCommand.class,
              BackupUnmarkCommand.class),
          RestoreCommand.class,
          List.of(RestoreKeysCommand.class, RestorePlanCommand.class, RestoreDrillCommand.class),
          ReplicaCommand.class,
          List.of(
              ReplicaStatusCommand.class,
              ReplicaVerifyCommand.class,
              ReplicaPromoteCommand.class,
              ReplicaLeaveCommand.class),
          MigrateCommand.class,
          List.of(
              HelpCommand.class,
              MigratePlanCommand.class,
              MigrateRunCommand.class,
              MigrateStatusCommand.class,
              MigrateCutoverCommand.class,
              MigrateVerifyCommand.class,
              MigrateRollbackCommand.class,
              MigrateFinishCommand.class,
              MigrateAbortCommand.class,
              MigrateColdCommand.class,
              MigrateCopyCommand.class,
              MigrateV2Command.class));

  private final Set<String> arguments;

  private Commands(Set<String> arguments) {
    this.arguments = arguments;
  }

  /** {@code program} with what is below it, for {@code arguments}, which it is then given. */
  static CommandLine of(Lodestone program, String... arguments) {
    return new Commands(new HashSet<>(List.of(arguments))).whole(program, Lodestone.class);
  }

  private CommandLine whole(Object command, Class<?> type) {
    CommandLine line = new CommandLine(command);
    for (Class<?> below : BELOW.getOrDefault(type, List.of())) {
      Command annotation = below.getAnnotation(Command.class);
      boolean named = arguments.contains(annotation.name());
      line.addSubcommand(named ? whole(below, below) : entry(annotation));
    }
    return line;
  }

  private static CommandLine entry(Command command) {
    CommandSpec entry = CommandSpec.create().name(command.name());
    entry.usageMessage().header(command.header()).description(command.description());
    return new CommandLine(entry);
  }
}
