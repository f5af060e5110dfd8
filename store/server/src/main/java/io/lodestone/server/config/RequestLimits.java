package io.lodestone.server.config;

import io.lodestone.settings.InvalidConfigException;
import java.time.Duration;

/**
 * What clients may ask of the server. Immutable.
 *
 * @param quotaBytes 0 for 2 GiB, negative for none
 * @param keepaliveInterval zero for no pings
 * @param keepaliveTimeout zero for no limit
 */
public record RequestLimits(
    long quotaBytes,
    int maxTxnOps,
    int maxRequestBytes,
    int maxConcurrentStreams,
    Duration keepaliveMinTime,
    Duration keepaliveInterval,
    Duration keepaliveTimeout) {

  static RequestLimits of(FlagValues values) {
    return new RequestLimits(
        values.number(Flags.QUOTA_BACKEND_BYTES),
        count(values, Flags.MAX_TXN_OPS),
        count(values, Flags.MAX_REQUEST_BYTES),
        count(values, Flags.MAX_CONCURRENT_STREAMS),
        values.duration(Flags.KEEPALIVE_MIN_TIME),
        values.duration(Flags.KEEPALIVE_INTERVAL),
        values.duration(Flags.KEEPALIVE_TIMEOUT));
  }

  /** A number that is not negative; what is above two billion is taken for that. */
  private static int count(FlagValues values, Flag flag) {
    long number = values.number(flag);
    if (number < 0) {
      throw new InvalidConfigException(
          "invalid value \"" + number + "\" for flag -" + flag.name() + ": parse error",
          "--" + flag.name() + " cannot be negative");
    }
    return (int) Math.min(number, Integer.MAX_VALUE);
  }
}
