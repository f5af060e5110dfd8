package io.lodestone.server.config;

import java.util.Locale;

/**
 * One setting of a store, under etcd's name. Immutable.
 *
 * @param name without dashes, for example {@code data-dir}
 * @param fallback the value where nobody says otherwise, as it would be typed
 * @param help one sentence for people
 * @param use whether it does anything here
 */
record Flag(String name, Kind kind, String fallback, String help, Use use) {
  private static final String VARIABLE_PREFIX = "ETCD_";

  /** What values it takes. */
  enum Kind {
    TEXT("<text>"),
    SWITCH("[true|false]"),
    NUMBER("<number>"),
    DURATION("<duration, such as 5m or 1h30m>"),
    URLS("<url,...>"),
    LIST("<item,...>");

    private final String hint;

    Kind(String hint) {
      this.hint = hint;
    }

    String hint() {
      return hint;
    }
  }

  /** Whether a flag does what it does in etcd. */
  enum Use {
    WORKS,
    /**
     * Accepted, because etcd's start scripts have it; it means nothing here, and the log says so.
     */
    POINTLESS
  }

  /** The environment variable that says the same, for example {@code ETCD_DATA_DIR}. */
  String variable() {
    return VARIABLE_PREFIX + name.replace('-', '_').toUpperCase(Locale.ROOT);
  }
}
