package io.lodestone.restore.keys;

import io.lodestone.restore.keys.KeyDifference.Kind;

/**
 * What a restore of keys may do beyond creating what is missing. Immutable.
 *
 * @param overwrite put back keys that have another value now, which is newer
 * @param deleteExtra delete keys below the selected prefixes that the source does not have
 * @param grantLeases restore keys that hung on a lease, on new leases with the granted TTL, which
 *     begin to run at once; otherwise such keys are left out
 */
public record KeyRestoreRules(boolean overwrite, boolean deleteExtra, boolean grantLeases) {
  boolean allow(Kind kind) {
    return switch (kind) {
      case MISSING -> true;
      case CHANGED -> overwrite;
      case EXTRA -> deleteExtra;
      case LEASED -> false;
    };
  }
}
