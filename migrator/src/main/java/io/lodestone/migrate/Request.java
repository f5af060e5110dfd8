package io.lodestone.migrate;

import java.util.Locale;

/** What another process may ask of the one that runs a migration. */
enum Request {
  CUTOVER,
  ABORT,
  /** The way back is not needed any more. */
  FINISH,
  /** The way back is to be taken. */
  ROLLBACK;

  String fileName() {
    return name().toLowerCase(Locale.ROOT) + ".request";
  }
}
