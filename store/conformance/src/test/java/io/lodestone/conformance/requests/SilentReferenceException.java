package io.lodestone.conformance.requests;

/**
 * The reference did not answer in time what the candidate has answered. Stock etcd 3.5.30 now and
 * then leaves one who waits for a lock or an election asleep after the one before has gone: there
 * is nothing to compare with, and the two are no longer alike.
 */
final class SilentReferenceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  SilentReferenceException(Call call, Answer candidate) {
    super(call + ": the candidate says " + candidate);
  }
}
