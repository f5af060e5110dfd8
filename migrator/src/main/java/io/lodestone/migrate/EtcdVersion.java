package io.lodestone.migrate;

import com.google.common.base.Splitter;
import io.lodestone.api.etcdserverpb.StatusResponse;
import java.util.List;

/** The part of a member's version that decides what it can do. Immutable. */
record EtcdVersion(int major, int minor) implements Comparable<EtcdVersion> {
  /** Older ones do not tell of leases, hash otherwise, or know no transactions in transactions. */
  private static final EtcdVersion OLDEST = new EtcdVersion(3, 4);

  static EtcdVersion of(StatusResponse status) {
    return parse(status.getVersion());
  }

  /**
   * @param version begins with two numbers: {@code 3.5.30}
   */
  static EtcdVersion parse(String version) {
    List<String> parts = Splitter.on('.').splitToList(version);
    return new EtcdVersion(Integer.parseInt(parts.get(0)), Integer.parseInt(parts.get(1)));
  }

  /** Whether it can be neither moved nor moved to. */
  boolean isTooOld() {
    return compareTo(OLDEST) < 0;
  }

  @Override
  public int compareTo(EtcdVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }
}
