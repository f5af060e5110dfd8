package io.lodestone.backup.daemon;

import io.lodestone.api.LodestoneException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.spi.LoggingEventBuilder;

/** How an agent tells of a failure that it survives. */
final class Failures {
  private Failures() {}

  /** A warning with the reason and, where there is one, a hint; what nobody foresaw, in full. */
  static LoggingEventBuilder log(Logger log, Exception failure) {
    if (failure instanceof LodestoneException known) {
      return log.atWarn()
          .addKeyValue("reason", known.getMessage())
          .addKeyValue("hint", known.hint());
    }
    if (failure instanceof IOException) {
      return log.atWarn()
          .addKeyValue("reason", failure)
          .addKeyValue("hint", "check the path, its permissions and the free space");
    }
    return log.atError().setCause(failure);
  }
}
