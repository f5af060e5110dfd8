package io.lodestone.cli;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * How many revisions a restore leaves out before the next one, so that clients never see time go
 * backwards. Immutable.
 *
 * @param auto above all that the backups know of, by a margin for what they do not
 * @param fixed otherwise; from 0 on
 */
record RevisionBump(boolean auto, long fixed) {
  /** More revisions than a cluster makes in the seconds that an agent is behind. */
  private static final long MARGIN = 1_000_000;

  /**
   * @param leftOut revisions that the source has behind the one that is restored
   */
  long revisions(long leftOut) {
    return auto ? Math.addExact(leftOut, MARGIN) : fixed;
  }

  /** Reads {@code auto} or a number. */
  static final class Converter implements ITypeConverter<RevisionBump> {
    @Override
    public RevisionBump convert(String text) {
      if (text.toLowerCase(Locale.ROOT).equals("auto")) {
        return new RevisionBump(true, 0);
      }
      if (!text.matches("[0-9]{1,18}")) {
        throw new TypeConversionException(
            "'" + text + "' must be auto or a number from 0 on: time must not be turned back");
      }
      return new RevisionBump(false, Long.parseLong(text));
    }
  }
}
