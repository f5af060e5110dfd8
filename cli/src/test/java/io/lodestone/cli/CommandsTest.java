package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Commands that nobody named look in a list as those that are described whole. */
final class CommandsTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "backup", "migrate", "replica", "restore"})
  void aListOfCommandsIsTheSame(String group) {
    CommandLine one = group(group, List.of());
    CommandLine all = group(group, one.getSubcommands().keySet());
    assertThat(one.getSubcommands().keySet()).isNotEmpty().isEqualTo(all.getSubcommands().keySet());
    assertThat(one.getUsageMessage()).isEqualTo(all.getUsageMessage());
  }

  @Test
  void onlyWhatIsNamedIsDescribedWhole() {
    CommandLine replica = group("replica", List.of("verify"));
    assertThat(options(replica, "verify")).isPositive();
    assertThat(options(replica, "promote")).isZero();
  }

  /** The program itself where {@code name} is empty. */
  private static CommandLine group(String name, Collection<String> named) {
    List<String> arguments = new ArrayList<>(named);
    arguments.add(name);
    CommandLine program =
        Commands.of(new Lodestone(new Shutdown()), arguments.toArray(String[]::new));
    return name.isEmpty() ? program : program.getSubcommands().get(name);
  }

  private static int options(CommandLine group, String command) {
    return group.getSubcommands().get(command).getCommandSpec().options().size();
  }
}
