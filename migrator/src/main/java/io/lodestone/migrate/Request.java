package io.lodestone.migrate;

import java.util.Locale;

/** What another process may ask of the one that runs a migration. */
enum Request {
  CUTOVER,
  ABORT;

  String fileName() {
    return name().toLowerCase(Locale.ROOT) + ".request";
  }
}
