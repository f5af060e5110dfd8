package io.lodestone.cli;

import io.lodestone.backup.Goal;
import io.lodestone.backup.SealPolicy;
import java.io.IOException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code backup run}: the agent in the foreground. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Follows a cluster into a repository, seconds behind, until it is stopped (SIGTERM).",
      "Begins with a base; a later run continues where the repository ends."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone backup run --endpoints 10.0.0.1:2379,10.0.0.2:2379 --repository file:/backups/prod",
      "  lodestone backup run --endpoints https://etcd:2379 --cacert ca.pem --cert c.pem --key c.key \\",
      "      --repository 's3://backups/prod?endpoint=https://s3.example.com&path-style=true'",
      "  lodestone backup run --until-caught-up --repository file:/backups/prod   # from cron"
    })
final class BackupRunCommand implements Callable<Integer> {
  @Mixin private final CapturePlan plan = new CapturePlan();

  @Option(
      names = "--seal-interval",
      paramLabel = "TIME",
      defaultValue = "1s",
      converter = DurationConverter.class,
      description =
          "how long a change may wait until it is durable, for example 500ms, 1s, 1m; default: 1s")
  private Duration sealInterval = SealPolicy.DEFAULT.interval();

  @Option(
      names = "--seal-size",
      paramLabel = "MIB",
      defaultValue = "8",
      description = "how many MiB of changes may wait; default: 8")
  private long sealMib = 8;

  @Option(
      names = "--idle-interval",
      paramLabel = "TIME",
      defaultValue = "10s",
      converter = DurationConverter.class,
      description =
          "how often to record, by one small object, that a quiet cluster is still unchanged; default: 10s")
  private Duration idleInterval = SealPolicy.DEFAULT.idleInterval();

  @Option(
      names = "--hash-interval",
      paramLabel = "TIME",
      defaultValue = "1h",
      description =
          "how often to keep the source's own HashKV of what is durable, beside at each base, for 'restore drill' "
              + "and 'backup verify' to find again; never: not at all; default: 1h")
  private String hashInterval = "1h";

  @Option(
      names = "--until-caught-up",
      description = "end once everything is durable that the cluster had at the start")
  private boolean untilCaughtUp;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Duration idle = idleInterval.compareTo(sealInterval) < 0 ? sealInterval : idleInterval;
    SealPolicy policy =
        SealPolicy.DEFAULT
            .every(sealInterval)
            .idle(idle)
            .atMost(sealMib << 20)
            .hashedEvery(hashEvery());
    return plan.run(untilCaughtUp ? Goal.CATCH_UP : Goal.FOLLOW, policy);
  }

  private Optional<Duration> hashEvery() {
    return hashInterval.equals("never")
        ? Optional.empty()
        : Optional.of(new DurationConverter().convert(hashInterval));
  }

  /** {@code 500ms}, {@code 1s}, {@code 5m}, {@code 1h}. */
  static final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      String lower = text.toLowerCase(Locale.ROOT);
      try {
        Duration duration =
            lower.endsWith("ms")
                ? Duration.ofMillis(Long.parseLong(lower.replace("ms", "")))
                : Duration.parse("PT" + lower);
        if (!duration.isNegative() && !duration.isZero()) {
          return duration;
        }
      } catch (NumberFormatException | DateTimeParseException e) {
        throw new TypeConversionException(
            "'" + text + "' is not a time: write 500ms, 1s, 5m or 1h");
      }
      throw new TypeConversionException("'" + text + "' is not a time above zero");
    }
  }
}
