package io.lodestone.cli;

import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.TruncatedDataException;
import io.lodestone.repository.FencedException;
import io.lodestone.repository.RepositoryHeldException;
import io.lodestone.repository.objects.MissingObjectException;
import io.lodestone.settings.InvalidConfigException;
import picocli.CommandLine;

/** What the program's exit code means; scripts depend on these. Wrong usage is picocli's 2. */
final class ExitCodes {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int DAMAGE = 3;
  static final int HELD_BY_ANOTHER = 4;

  private ExitCodes() {}

  static int of(LodestoneException failure) {
    if (failure instanceof InvalidConfigException) {
      return CommandLine.ExitCode.USAGE;
    }
    if (failure instanceof FencedException || failure instanceof RepositoryHeldException) {
      return HELD_BY_ANOTHER;
    }
    boolean damage =
        failure instanceof CorruptDataException
            || failure instanceof TruncatedDataException
            || failure instanceof MissingObjectException;
    return damage ? DAMAGE : FAILED;
  }
}
