package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Manners: help with examples, errors with hints, exit codes. */
final class CommandLineTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "demo",
        "gateway",
        "inspect",
        "replica",
        "replica status",
        "replica verify",
        "replica promote",
        "restore",
        "restore keys",
        "restore plan",
        "restore drill",
        "backup",
        "backup run",
        "backup snapshot",
        "backup list",
        "backup describe",
        "backup verify",
        "backup get",
        "backup history",
        "backup diff",
        "backup export",
        "backup synthesize",
        "backup keygen",
        "backup compact",
        "backup expire",
        "backup mark",
        "backup unmark"
      })
  void everyCommandHasHelpWithAnExample(String command) {
    Cli.Outcome help = Cli.run((command + " --help").strip().split(" "));
    assertThat(help.exitCode()).isEqualTo(ExitCodes.DONE);
    assertThat(help.out()).contains("Example").contains("lodestone " + command.strip());
  }

  @Test
  void wrongUsageIsExitCodeTwo() {
    assertThat(Cli.run("backup", "verify").exitCode()).isEqualTo(2);
    assertThat(Cli.run("nonsense").exitCode()).isEqualTo(2);
    assertThat(
            Cli.run("backup", "run", "--repository", folder.toString(), "--seal-interval", "soon")
                .exitCode())
        .isEqualTo(2);
  }

  @Test
  void aClusterOutOfReachIsNamedWithAHint() {
    Cli.Outcome outcome =
        Cli.run(
            "backup",
            "snapshot",
            "--endpoints",
            "127.0.0.1:1",
            "--command-timeout",
            "1",
            "--repository",
            folder.resolve("r").toString());
    assertThat(outcome.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(outcome.err()).contains("127.0.0.1:1").contains("hint:").doesNotContain("\tat ");
  }

  @Test
  void aRepositoryThatIsNotThereIsNamedWithAHint() {
    Cli.Outcome outcome =
        Cli.run("backup", "describe", "--repository", folder.resolve("nowhere").toString());
    assertThat(outcome.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(outcome.err()).contains("nowhere").contains("hint:");
  }

  @Test
  void aFileThatIsNoDatabaseIsDamageAndNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("not-a.db"), "this is not a database");
    Cli.Outcome outcome =
        Cli.run(
            "restore",
            "--from-snapshot-file",
            file.toString(),
            "--output-file",
            folder.resolve("out.db").toString());
    assertThat(outcome.exitCode()).isEqualTo(ExitCodes.DAMAGE);
    assertThat(outcome.err()).contains("not-a.db").contains("hint:");
    assertThat(folder.resolve("out.db")).doesNotExist();
  }

  @Test
  void aRestoreWithoutSourceOrTargetIsWrongUsageAndSaysWhatIsMissing() {
    Cli.Outcome noSource = Cli.run("restore", "--output-file", folder.resolve("x.db").toString());
    assertThat(noSource.exitCode()).isEqualTo(2);
    assertThat(noSource.err()).contains("--from-snapshot-file");
    Cli.Outcome noTarget = Cli.run("restore", "--from-snapshot-file", "x.db");
    assertThat(noTarget.exitCode()).isEqualTo(2);
    assertThat(noTarget.err()).contains("--data-dir");
  }

  @Test
  void anInputFileThatIsNotThereIsNamed() {
    Path out = folder.resolve("x.db");
    Cli.Outcome outcome =
        Cli.run(
            "restore",
            "--from-snapshot-file",
            folder.resolve("no.db").toString(),
            "--output-file",
            out.toString());
    assertThat(outcome.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(outcome.err()).contains("there is no file").contains("no.db").contains("hint:");
    assertThat(out).doesNotExist();
  }
}
