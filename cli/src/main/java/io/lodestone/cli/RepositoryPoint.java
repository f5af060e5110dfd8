package io.lodestone.cli;

import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositorySource;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A point in the history that a repository holds. */
final class RepositoryPoint {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private final RepositoryAddress repository = new RepositoryAddress();
  @Mixin private final RestorePoint point = new RestorePoint();
  @Mixin private final LineageOption lineage = new LineageOption();

  Repository openRepository() throws IOException {
    Optional<String> misuse = point.misuse();
    if (misuse.isPresent()) {
      throw new ParameterException(command.commandLine(), misuse.get());
    }
    return repository.open();
  }

  /** Whether a point was named. */
  boolean isChosen() {
    return point.isChosen();
  }

  /** The chosen history, cut where asked. */
  RepositorySource source(Repository opened) throws IOException {
    return point.cut(opened.source(lineage.choose(opened)));
  }
}
