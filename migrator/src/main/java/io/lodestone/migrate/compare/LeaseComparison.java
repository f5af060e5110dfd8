package io.lodestone.migrate.compare;

import io.lodestone.api.LeaseId;
import io.lodestone.client.EtcdConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Leases of both sides: their ids, and what they were granted. Which keys they have is part of the
 * keyspace. One call for each lease and side.
 */
final class LeaseComparison {
  private static final int MOST = 20;

  private final EtcdConnection source;
  private final EtcdConnection destination;

  LeaseComparison(EtcdConnection source, EtcdConnection destination) {
    this.source = source;
    this.destination = destination;
  }

  /** The first, in words; a lease that ends meanwhile is none. */
  List<String> differences() {
    Set<LeaseId> all = new TreeSet<>(source.leases());
    all.addAll(destination.leases());
    List<String> differences = new ArrayList<>();
    for (LeaseId lease : all) {
      OptionalLong theirs = source.grantedTtlSeconds(lease);
      OptionalLong ours = destination.grantedTtlSeconds(lease);
      if (!theirs.equals(ours) && differences.size() < MOST) {
        differences.add("lease " + lease + ": " + spoken(theirs) + " / " + spoken(ours));
      }
    }
    return differences;
  }

  private static String spoken(OptionalLong ttlSeconds) {
    return ttlSeconds.isPresent() ? ttlSeconds.getAsLong() + " s" : "none";
  }
}
