package io.lodestone.repository.format;

import io.lodestone.api.CorruptDataException;
import io.lodestone.api.TruncatedDataException;

/** How damage is reported: what is wrong, in which object, at which byte. */
public final class Damage {
  private static final String HINT =
      "verify the repository to see all damage; restore from another base, or copy the object back"
          + " from a replica or an older version of the bucket";

  private Damage() {}

  public static CorruptDataException corrupt(String object, long offset, String what) {
    return new CorruptDataException(at(object, offset) + what, HINT);
  }

  public static CorruptDataException corrupt(
      String object, long offset, String what, Throwable cause) {
    return new CorruptDataException(at(object, offset) + what, HINT, cause);
  }

  static TruncatedDataException truncated(String object, long offset, String what) {
    return new TruncatedDataException(at(object, offset) + what, HINT);
  }

  private static String at(String object, long offset) {
    return "object " + object + ", offset " + offset + ": ";
  }
}
