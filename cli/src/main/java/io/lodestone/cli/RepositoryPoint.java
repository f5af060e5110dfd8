package io.lodestone.cli;

import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositorySource;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A point in the history that a repository holds: its end, a revision or a time. */
final class RepositoryPoint {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private final RepositoryAddress repository = new RepositoryAddress();

  @Option(
      names = "--to-revision",
      paramLabel = "R",
      description = "the state at this revision; default: the newest")
  private Optional<Long> toRevision = Optional.empty();

  @Option(
      names = "--to-time",
      paramLabel = "T",
      description = "the state at this time, for example 2026-11-01T12:00:00Z")
  private Optional<String> toTime = Optional.empty();

  @Mixin private final LineageOption lineage = new LineageOption();

  Repository openRepository() throws IOException {
    if (toTime.isPresent() && toRevision.isPresent()) {
      throw new ParameterException(
          command.commandLine(), "--to-time goes without --to-revision: give one of them");
    }
    return repository.open();
  }

  /** Whether a point was named. */
  boolean isChosen() {
    return toRevision.isPresent() || toTime.isPresent();
  }

  /** The chosen history, cut where asked. */
  RepositorySource source(Repository opened) throws IOException {
    RepositorySource history = opened.source(lineage.choose(opened));
    if (toRevision.isPresent()) {
      return history.at(toRevision.get());
    }
    return toTime.isPresent() ? history.at(PointInTime.instant(toTime.get())) : history;
  }
}
