package io.lodestone.repository;

import java.util.List;

/**
 * What an expiry did. Immutable.
 *
 * @param refused what the store would not delete, an object lock for one: it can no longer be seen
 *     in the log, and the next expiry tries again
 */
public record ExpiryReport(long objects, long bytes, List<Refusal> refused) {
  public ExpiryReport {
    refused = List.copyOf(refused);
  }

  /** An object that could not be deleted, and what the store said. */
  public record Refusal(String object, String message) {}
}
